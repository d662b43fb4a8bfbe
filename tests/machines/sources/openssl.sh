# Keys, digests and ciphers.
openssl=/usr/bin/openssl
$openssl rand -hex 32
$openssl genpkey -algorithm ed25519
$openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:512 2>/dev/null | $openssl dgst -sha512
for digest in sha1 sha256 sha3-256; do
    $openssl rand 5000 | $openssl dgst -$digest
done
for cipher in aes-256-ctr chacha20; do
    $openssl rand 5000 | $openssl enc -e -$cipher -pass pass:secret -pbkdf2 -iter 10 | $openssl dgst -sha256
done

/* Vectors are filled in order, to the last byte returned and no further: readv(2), preadv(2),
 * preadv2(2), writev(2), pwritev(2). */
#include "check.h"

#include <sys/uio.h>

int main(void)
{
    int fd = scratch_file();
    unsigned char words[64];
    for (size_t i = 0; i < sizeof words; i += 8)
        memcpy(words + i, &(uint64_t){random_word()}, 8);
    struct iovec out[3] = {{words, 10}, {words + 10, 0}, {words + 10, 54}};
    CHECK(writev(fd, out, 3) == 64);
    CHECK(pwritev(fd, out, 1, 1000) == 10);

    unsigned char a[8], b[100], c[100];
    struct iovec in[3] = {{a, sizeof a}, {b, 30}, {c, sizeof c}};
    memset(a, 1, sizeof a), memset(b, 2, sizeof b), memset(c, 3, sizeof c);
    CHECK(preadv(fd, in, 3, 990) == 20);
    CHECK(memcmp(b + 2, words, 10) == 0 && b[12] == 2 && c[0] == 3);
    say("preadv %016lx %016lx\n", (long)hash_of(a, sizeof a), (long)hash_of(b, sizeof b));

    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    CHECK(ftruncate(fd, 64) == 0);
    CHECK(readv(fd, in, 3) == 64);
    CHECK(memcmp(a, words, 8) == 0 && memcmp(b, words + 8, 30) == 0);
    CHECK(memcmp(c, words + 38, 26) == 0 && c[26] == 3);
    say("readv %016lx %016lx %016lx\n", (long)hash_of(a, 8), (long)hash_of(b, 30),
        (long)hash_of(c, sizeof c));
    CHECK(preadv2(fd, in, 2, 60, 0) == 4);
    CHECK(readv(fd, in, 3) == 0);
    CHECK(syscall(SYS_readv, fd, in, -1) == -1 && errno == EINVAL);
    CHECK(syscall(SYS_readv, fd, NULL, 3) == -1 && errno == EFAULT);
    return 0;
}

/* vmsplice(2) on the read end of a pipe fills the vector with what the pipe holds. */
#include "check.h"

#include <sys/uio.h>

int main(void)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    unsigned char data[512], a[100], b[600];
    for (size_t i = 0; i < sizeof data; i += 8)
        memcpy(data + i, &(uint64_t){random_word()}, 8);
    write_all(fds[1], data, sizeof data);
    memset(a, 0xaa, sizeof a), memset(b, 0xaa, sizeof b);
    struct iovec iov[2] = {{a, sizeof a}, {b, sizeof b}};
    ssize_t n = vmsplice(fds[0], iov, 2, 0);
    CHECK(n == 512);
    CHECK(memcmp(a, data, 100) == 0 && memcmp(b, data + 100, 412) == 0 && b[412] == 0xaa);
    say("%zd bytes, %016lx %016lx\n", n, (long)hash_of(a, sizeof a), (long)hash_of(b, sizeof b));
    return 0;
}

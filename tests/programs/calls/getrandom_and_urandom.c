/* Random bytes from getrandom(2), /dev/urandom and the auxiliary vector's AT_RANDOM. */
#include "check.h"

#include <sys/auxv.h>

int main(void)
{
    unsigned char bytes[256] = {0};
    CHECK(syscall(SYS_getrandom, bytes, sizeof bytes, 0) == sizeof bytes);
    say("getrandom %016lx\n", (long)hash_of(bytes, sizeof bytes));
    CHECK(syscall(SYS_getrandom, bytes, 16, 1 /* GRND_NONBLOCK */) == 16);
    say("getrandom of 16 bytes %016lx\n", (long)hash_of(bytes, 16));

    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    static unsigned char large[100000];
    read_all(fd, large, sizeof large);
    say("urandom %016lx\n", (long)hash_of(large, sizeof large));

    const void *at_random = (const void *)getauxval(AT_RANDOM);
    CHECK(at_random != NULL);
    say("AT_RANDOM %016lx\n", (long)hash_of(at_random, 16));
    CHECK(syscall(SYS_getrandom, NULL, 16, 0) == -1 && errno == EFAULT);
    return 0;
}

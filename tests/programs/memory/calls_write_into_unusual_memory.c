/* read(2) into pages never touched, into a private file mapping, below the stack pointer, over the
 * end of a page, and twice into the same place by one vector. */
#include "check.h"

#include <sys/mman.h>
#include <sys/uio.h>

int main(void)
{
    int random = open("/dev/urandom", O_RDONLY);
    CHECK(random >= 0);
    char *fresh = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(fresh != MAP_FAILED);
    CHECK(read(random, fresh + 4096 * 100 - 5, 20) == 20);
    say("fresh %016lx\n", (long)hash_of(fresh, 1 << 20));

    int fd = scratch_file();
    CHECK(ftruncate(fd, 8192) == 0);
    char *file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(file != MAP_FAILED && read(random, file + 4090, 12) == 12);
    say("file %016lx\n", (long)hash_of(file, 8192));

    long n = SYS_read;
    uint64_t below;
    __asm__ volatile("lea -100(%%rsp), %%rsi\n\tsyscall\n\tmov -100(%%rsp), %1"
                     : "+a"(n), "=&r"(below)
                     : "D"(random), "d"(8)
                     : "rcx", "r11", "rsi", "memory");
    CHECK(n == 8);
    say("below the stack pointer %016lx\n", (long)below);

    uint64_t twice[2] = {0};
    struct iovec iov[3] = {{twice, 16}, {twice, 8}, {(char *)twice + 4, 8}};
    CHECK(readv(random, iov, 3) == 32);
    say("twice %016lx\n", (long)hash_of(twice, sizeof twice));

    /* The buffer holds the vector itself. */
    struct iovec own[2];
    own[0] = (struct iovec){own, 8};
    own[1] = (struct iovec){&below, 8};
    CHECK(readv(random, own, 2) == 16);
    say("vector %016lx\n", (long)hash_of(own, sizeof own[0]));
    return 0;
}

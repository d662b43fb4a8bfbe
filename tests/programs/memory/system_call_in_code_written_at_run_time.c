/* A syscall instruction in memory that is made, used and unmapped again, and the same address used
 * for another one. */
#include "check.h"

#include <sys/mman.h>

/* mov %rdi, %rax; mov %rsi, %rdi; syscall; ret */
static const unsigned char code[] = {0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x0f, 0x05, 0xc3};

int main(void)
{
    for (int i = 0; i < 10; i++) {
        unsigned char *p = mmap((void *)0x300000000000, 4096, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(p != MAP_FAILED);
        memcpy(p + i, code, sizeof code);
        CHECK(mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0);
        long (*call)(long, long);
        unsigned char *start = p + i;
        memcpy(&call, &start, sizeof call);
        long r = call(i % 2 ? SYS_getpid : SYS_getppid, 0);
        CHECK(r == (i % 2 ? getpid() : getppid()));
        say("%p: %ld\n", (void *)start, r);
        CHECK(munmap(p, 4096) == 0);
    }
    return 0;
}

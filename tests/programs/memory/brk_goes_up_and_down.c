/* The program break moves both ways; memory given back comes again as zeros: brk(2). */
#include "check.h"

int main(void)
{
    char *start = sbrk(0);
    CHECK(start != (void *)-1);
    /* No output before the end: it may allocate, and with that move the break. */
    CHECK(sbrk(3 * 4096 + 123) == start);
    memset(start, 0x5a, 3 * 4096 + 123);
    CHECK(sbrk(0) == start + 3 * 4096 + 123);
    CHECK(brk(start + 4096) == 0);
    CHECK(start[4095] == 0x5a);
    CHECK(brk(start + 4 * 4096) == 0);
    uintptr_t page_end = ((uintptr_t)start + 4096 + 4095) & ~4095ul;
    for (char *p = (char *)page_end; p < start + 4 * 4096; p++)
        CHECK(*p == 0);
    /* A break that cannot be set is left where it was, and the system call tells it. */
    CHECK(syscall(SYS_brk, (void *)1) == (long)(start + 4 * 4096));
    CHECK(brk(start + (64 << 20)) == 0);
    start[(64 << 20) - 1] = 1;
    CHECK(brk(start) == 0);
    CHECK(sbrk(0) == start);
    say("break at %p\n", (void *)start);
    return 0;
}

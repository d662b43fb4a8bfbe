/* Numbers that are no system call return ENOSYS, also negative ones, large ones and those with the
 * x32 bit. arch/x86/entry/common.c, do_syscall_64(). */
#include "check.h"

static long raw(long number)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(1), "S"(2), "d"(3)
                     : "rcx", "r11", "memory");
    return result;
}

int main(void)
{
    static const long numbers[] = {
        -1, -2, -100, 380, 400, 1000, 5000, 0x7fffffff, 0x80000000l, 0x40000000l + 5000, -5000,
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        long result = raw(numbers[i]);
        say("%ld: %ld\n", numbers[i], result);
        CHECK(result == -ENOSYS);
    }
    /* Only the lower half of the register counts. */
    CHECK(raw(0x100000000l + SYS_getpid) == getpid());
    say("pid %d\n", (int)getpid());
    return 0;
}

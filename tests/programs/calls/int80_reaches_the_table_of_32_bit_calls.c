/* "int $0x80" in a 64-bit program means the numbers of 32-bit Linux: 20 is getpid there and writev
 * in the other table. A kernel without it delivers SIGSEGV. arch/x86/entry/entry_64_compat.S */
#include "check.h"

#include <setjmp.h>

static sigjmp_buf back;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    siglongjmp(back, 1);
}

int main(void)
{
    handle(SIGSEGV, on_fault, 0);
    if (sigsetjmp(back, 1)) {
        say("no int 0x80 here\n");
        return 0;
    }
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "r8", "r9", "r10", "r11", "memory");
    CHECK(result == getpid() || result == -ENOSYS);
    say("int 0x80 gave %d\n", result);
    return 0;
}

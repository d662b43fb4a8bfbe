/* System call 335 belongs to trampolines of the kernel. Anywhere else it gives SIGILL since Linux
 * 6.11 and ENOSYS before. arch/x86/kernel/uprobes.c, SYSCALL_DEFINE0(uretprobe) */
#include "check.h"

#include <setjmp.h>

static sigjmp_buf back;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)context;
    say("signal %d, code %d, from %d\n", sig, info->si_code, (int)info->si_pid);
    siglongjmp(back, 1);
}

int main(void)
{
    handle(SIGILL, on_signal, 0);
    if (sigsetjmp(back, 1) == 0) {
        long r = syscall(335);
        CHECK(r == -1 && errno == ENOSYS);
        say("no such call\n");
    }
    return 0;
}

/* When the kernel cannot build the handler's frame it forces SIGSEGV with the default action:
 * kernel/signal.c, force_sigsegv(). In a child: any signal, in the end: the fault itself. */
#include "check.h"

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    _exit(1);
}

static void on_a_bad_stack(int sig)
{
    __asm__ volatile("mov $0x1000, %%rsp\n\tsyscall\n\tud2"
                     :
                     : "a"(SYS_tgkill), "D"(getpid()), "S"(getpid()), "d"(sig)
                     : "memory");
    __builtin_unreachable();
}

int main(void)
{
    handle(SIGUSR1, handler, 0);
    handle(SIGSEGV, handler, 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        on_a_bad_stack(SIGUSR1);
    int status = wait_for(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    say("%d had no stack for its handler\n", (int)child);
    on_a_bad_stack(SIGUSR1);
}

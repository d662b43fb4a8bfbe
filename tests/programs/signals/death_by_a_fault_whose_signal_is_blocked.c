/* A synchronous SIGSEGV that is blocked or ignored ends the process, handler or not: the kernel
 * forces it, kernel/signal.c, force_sig_info_to_task(). */
#include "check.h"

static void never(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    say("this handler must not run\n");
    _exit(1);
}

int main(void)
{
    handle(SIGSEGV, never, 0);
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGSEGV);
    CHECK(sigprocmask(SIG_BLOCK, &block, NULL) == 0);
    say("pid %d\n", (int)getpid());
    return *(volatile int *)32;
}

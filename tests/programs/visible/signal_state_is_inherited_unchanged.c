/* The program starts with no signal blocked, ignored or handled that its parent did not set:
 * execve(2). Real-time signals included. */
#include "check.h"

int main(void)
{
    sigset_t mask;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
    int ignored = 0;
    for (int sig = 1; sig <= 64; sig++) {
        struct sigaction sa;
        CHECK(!sigismember(&mask, sig) || sig == 32 || sig == 33);
        if (sigaction(sig, NULL, &sa) < 0)
            continue;
        CHECK(sa.sa_handler == SIG_DFL || sa.sa_handler == SIG_IGN);
        if (sa.sa_handler == SIG_IGN) {
            say("%d is ignored\n", sig);
            ignored++;
        }
    }
    say("%d ignored in %d\n", ignored, (int)getpid());
    stack_t stack;
    CHECK(sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE));
    return 0;
}

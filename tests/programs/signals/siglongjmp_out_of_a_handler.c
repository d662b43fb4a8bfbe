/* A handler that never returns: siglongjmp restores the mask saved by sigsetjmp, and the frame on
 * the stack is simply left behind: sigsetjmp(3). */
#include "check.h"

#include <setjmp.h>
#include <sys/time.h>

static sigjmp_buf back;
static volatile int faults;

static void handler(int sig)
{
    faults = faults + 1;
    siglongjmp(back, sig);
}

int main(void)
{
    signal(SIGSEGV, handler);
    signal(SIGALRM, handler);
    for (volatile int i = 0; i < 50; i++) {
        int sig = sigsetjmp(back, 1);
        if (sig == 0) {
            *(volatile int *)(uintptr_t)(i * 8) = 1;
            CHECK(!"no fault");
        }
        CHECK(sig == SIGSEGV && faults == i + 1);
    }
    /* Out of a blocked call. */
    int fds[2];
    CHECK(pipe(fds) == 0);
    for (volatile int i = 0; i < 5; i++) {
        int64_t start = now_ns();
        if (sigsetjmp(back, 1) == 0) {
            struct itimerval timer = {.it_value = {0, 10000}};
            CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
            char byte;
            read(fds[0], &byte, 1);
            CHECK(!"read returned");
        }
        say("left a read after %ld ns\n", (long)(now_ns() - start));
    }
    sigset_t mask;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
    CHECK(!sigismember(&mask, SIGSEGV) && !sigismember(&mask, SIGALRM));
    return 0;
}

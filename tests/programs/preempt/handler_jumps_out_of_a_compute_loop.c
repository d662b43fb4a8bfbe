/* The handler of a timer leaves endless loops by siglongjmp; another one changes where they go on.
 */
#include "preempt.h"

#include <setjmp.h>
#include <sys/time.h>
#include <ucontext.h>

static sigjmp_buf out;
static volatile uint64_t progress;
static volatile int go_on;

static void jump(int sig)
{
    (void)sig;
    siglongjmp(out, 1);
}

static void change(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    (void)sig, (void)info;
    progress = progress * 2 + (c->uc_mcontext.gregs[REG_RSP] & 1);
    go_on = 0;
}

static void soon(void)
{
    struct itimerval once = {{0, 0}, {0, 5000}};
    CHECK(setitimer(ITIMER_REAL, &once, NULL) == 0);
}

int main(void)
{
    struct sigaction action = {.sa_handler = jump};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    for (volatile int i = 0; i < 5; i++) {
        progress = 0;
        if (sigsetjmp(out, 1) == 0) { /* before the timer can go off */
            soon();
            for (uint64_t n = 0;; n++)
                progress = progress + (n ^ (uint64_t)i);
        }
        say("%d: %lx\n", i, (long)progress);
    }
    struct sigaction other = {.sa_sigaction = change, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGALRM, &other, NULL) == 0);
    for (int i = 0; i < 5; i++) {
        uint64_t n = 0;
        go_on = 1;
        soon();
        while (go_on)
            n++;
        say("%d: %lx %lx\n", i, (long)n, (long)progress);
    }
    return 0;
}

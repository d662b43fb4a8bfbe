/* Timers on CPU time send SIGPROF and SIGVTALRM while the program works, and not while it sleeps:
 * setitimer(2). */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t profile, virtual_;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    if (sig == SIGPROF)
        profile++;
    else
        virtual_++;
}

int main(void)
{
    handle(SIGPROF, tick, SA_RESTART);
    handle(SIGVTALRM, tick, SA_RESTART);
    struct itimerval timer = {.it_value = {0, 4000}, .it_interval = {0, 4000}};
    CHECK(setitimer(ITIMER_PROF, &timer, NULL) == 0);
    CHECK(setitimer(ITIMER_VIRTUAL, &timer, NULL) == 0);
    uint64_t sum = 0, rounds = 0;
    for (int64_t end = now_ns() + 1500000000; now_ns() < end && (profile < 3 || virtual_ < 3);) {
        for (uint64_t i = 0; i < 20000; i++)
            sum = sum * 6364136223846793005u + i;
        rounds++;
    }
    CHECK(profile >= 3 && virtual_ >= 1);
    say("%d SIGPROF, %d SIGVTALRM in %lu rounds, %016lx\n", (int)profile, (int)virtual_,
        (long)rounds, (long)sum);
    return 0;
}

/* A timer goes off again and again while the recorder brings the task to a preemption point. */
#include "preempt.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks;
static volatile uint64_t trail, position;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    trail = trail * 31 + position;
    if (++ticks == 40) /* or the program might do nothing but that, where recording is slow */
        CHECK(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL) == 0);
}

int main(void)
{
    handle(SIGALRM, tick, SA_RESTART);
    struct itimerval timer = {.it_value = {0, 100}, .it_interval = {0, 100}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    while (ticks < 40)
        position = position + 1;
    say("trail %016lx after %lu rounds\n", (long)trail, (long)position);
    return 0;
}

/* ITIMER_REAL sends SIGALRM once or again and again; alarm is the same timer in seconds:
 * setitimer(2), alarm(2). */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    CHECK(info->si_code == SI_KERNEL);
    ticks++;
}

int main(void)
{
    handle(SIGALRM, tick, 0);
    struct itimerval timer = {.it_value = {0, 10000}, .it_interval = {0, 10000}}, old;
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    for (int i = 0; i < 5; i++) {
        CHECK(pause() == -1 && errno == EINTR);
        say("%d ticks at %ld\n", (int)ticks, (long)now_ns());
    }
    timer = (struct itimerval){0};
    CHECK(setitimer(ITIMER_REAL, &timer, &old) == 0 && old.it_interval.tv_usec == 10000);
    int before = ticks;
    CHECK(alarm(1) == 0);
    CHECK(pause() == -1 && errno == EINTR && ticks == before + 1);
    say("alarm at %ld\n", (long)now_ns());
    return 0;
}

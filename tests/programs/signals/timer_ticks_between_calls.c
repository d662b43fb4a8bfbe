/* A timer that goes off while the program computes and makes calls in between. The number of
 * ticks and where they fall differ from run to run. */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks;
static volatile uint64_t trail, position;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    trail = trail * 31 + position;
    ticks++;
}

int main(void)
{
    handle(SIGALRM, tick, SA_RESTART);
    struct itimerval timer = {.it_value = {0, 1000}, .it_interval = {0, 1000}}, off = {0};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    int64_t end = now_ns() + 200000000;
    uint64_t sum = 0;
    while (now_ns() < end && ticks < 100) {
        for (uint64_t i = 0; i < 1000; i++)
            sum = sum * 6364136223846793005u + position;
        position = position + 1;
    }
    CHECK(setitimer(ITIMER_REAL, &off, NULL) == 0);
    CHECK(ticks >= 2);
    say("%d ticks in %lu rounds, trail %016lx, sum %016lx\n", (int)ticks, (long)position,
        (long)trail, (long)sum);
    return 0;
}

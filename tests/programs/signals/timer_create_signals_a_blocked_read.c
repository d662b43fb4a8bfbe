/* A POSIX timer with its own signal and value, during a blocked call: timer_create(2). */
#include "check.h"

static volatile sig_atomic_t ticks, value, overrun;
static timer_t timer;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    CHECK(info->si_code == SI_TIMER);
    value = info->si_value.sival_int;
    overrun += info->si_overrun;
    ticks++;
}

int main(void)
{
    handle(SIGRTMIN + 1, tick, 0);
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 12345};
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    struct itimerspec on = {.it_value = {0, 10000000}, .it_interval = {0, 10000000}}, off = {0};
    CHECK(timer_settime(timer, 0, &on, NULL) == 0);
    int fds[2];
    CHECK(pipe(fds) == 0);
    for (int i = 1; i <= 5; i++) {
        char byte;
        CHECK(read(fds[0], &byte, 1) == -1 && errno == EINTR);
        CHECK(ticks >= i && value == 12345);
        say("tick at %ld\n", (long)now_ns());
    }
    CHECK(timer_settime(timer, 0, &off, NULL) == 0);
    CHECK(timer_delete(timer) == 0);
    say("%d overruns\n", (int)overrun);
    return 0;
}

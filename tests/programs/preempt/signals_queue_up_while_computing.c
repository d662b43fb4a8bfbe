/* Several signals of one number are sent to a task that computes; while it handles the first, the
 * others are blocked, and pending: signal(7). Each comes with what was sent along, in order. */
#include "preempt.h"

#include <time.h>

enum { SENT = 40 };

static volatile sig_atomic_t next, ticks, depth, wrong;
static volatile uint64_t result; /* or the compiler would not compute */

static void queued(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    depth++;
    wrong += info->si_code != SI_QUEUE || info->si_value.sival_int != next || depth != 1;
    next++;
    getppid();
    wrong += getpid() != info->si_pid;
    depth--;
}

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    depth++;
    wrong += info->si_code != SI_TIMER || info->si_value.sival_int != 12345 || depth != 1;
    ticks++;
    getppid();
    result = burn(1);
    getppid();
    depth--;
}

static void *send(void *arg)
{
    for (int i = 0; i < SENT; i++) {
        union sigval value = {.sival_int = i};
        CHECK(pthread_sigqueue(*(pthread_t *)arg, SIGRTMIN + 2, value) == 0);
        if (i % 5 == 4)
            result = burn(1);
    }
    return NULL;
}

static void get_ticks_of_a_timer(void)
{
    timer_t timer;
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 12345};
    struct itimerspec on = {.it_value = {0, 2000000}, .it_interval = {0, 2000000}}, off = {0};
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    CHECK(timer_settime(timer, 0, &on, NULL) == 0);
    while (ticks < 12)
        result = burn(5);
    CHECK(timer_settime(timer, 0, &off, NULL) == 0);
    CHECK(timer_delete(timer) == 0);
}

int main(void)
{
    handle(SIGRTMIN + 1, tick, 0);
    handle(SIGRTMIN + 2, queued, 0);
    pthread_t self = pthread_self(), sender;
    CHECK(pthread_create(&sender, NULL, send, &self) == 0);
    while (next < SENT)
        result = burn(1);
    CHECK(pthread_join(sender, NULL) == 0);
    get_ticks_of_a_timer();
    CHECK(wrong == 0 && next == SENT);
    say("%d were queued, and ticks came\n", SENT);
    return 0;
}

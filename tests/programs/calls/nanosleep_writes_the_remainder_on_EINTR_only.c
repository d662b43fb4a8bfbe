/* nanosleep(2) and clock_nanosleep(2) write what is left of the time only when a handler has
 * interrupted them, and never for an absolute time. kernel/time/hrtimer.c, nanosleep_copyout(). */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    ticks++;
}

/* Again and again, in case that the first comes before the call has begun; 0: no more. */
static void alarm_in_ms(long ms)
{
    struct itimerval timer = {.it_value = {0, ms * 1000}, .it_interval = {0, ms * 1000}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

int main(void)
{
    handle(SIGALRM, tick, 0);
    struct timespec request = {0, 5000000}, left = {77, 77};
    CHECK(nanosleep(&request, &left) == 0);
    CHECK(left.tv_sec == 77 && left.tv_nsec == 77);

    alarm_in_ms(30);
    request = (struct timespec){10, 0};
    CHECK(nanosleep(&request, &left) == -1 && errno == EINTR);
    CHECK(left.tv_sec >= 8 && left.tv_sec <= 9);
    say("left of nanosleep: %ld.%09ld\n", (long)left.tv_sec, left.tv_nsec);

    alarm_in_ms(30);
    left = (struct timespec){77, 77};
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &request, &left) == EINTR);
    CHECK(left.tv_sec >= 8 && left.tv_sec <= 9);
    say("left of clock_nanosleep: %ld.%09ld\n", (long)left.tv_sec, left.tv_nsec);

    alarm_in_ms(30);
    left = (struct timespec){77, 77};
    CHECK(clock_gettime(CLOCK_MONOTONIC, &request) == 0);
    request.tv_sec += 10;
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &request, &left) == EINTR);
    CHECK(left.tv_sec == 77 && left.tv_nsec == 77);

    alarm_in_ms(30);
    request = (struct timespec){10, 0};
    CHECK(nanosleep(&request, NULL) == -1 && errno == EINTR);
    alarm_in_ms(0);
    CHECK(ticks >= 4);
    request.tv_nsec = 1000000000;
    CHECK(nanosleep(&request, &left) == -1 && errno == EINVAL && left.tv_sec == 77);
    return 0;
}

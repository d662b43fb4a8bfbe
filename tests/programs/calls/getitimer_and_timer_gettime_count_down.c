/* Timers write what is left of them: getitimer(2), timer_gettime(2), timer_getoverrun(2). */
#include "check.h"

#include <sys/time.h>

int main(void)
{
    struct itimerval set = {.it_value = {100, 0}, .it_interval = {7, 8}}, got, old;
    CHECK(setitimer(ITIMER_REAL, &set, NULL) == 0);
    CHECK(getitimer(ITIMER_REAL, &got) == 0 && got.it_interval.tv_sec == 7);
    CHECK(got.it_value.tv_sec >= 95);
    say("itimer: %ld.%06ld\n", (long)got.it_value.tv_sec, (long)got.it_value.tv_usec);
    set = (struct itimerval){0};
    CHECK(setitimer(ITIMER_REAL, &set, &old) == 0 && old.it_value.tv_sec >= 95);
    say("alarm left: %u\n", alarm(0));

    timer_t id;
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &id) == 0);
    struct itimerspec on = {.it_value = {50, 0}, .it_interval = {0, 3}}, now, before;
    CHECK(timer_settime(id, 0, &on, &before) == 0 && before.it_value.tv_sec == 0);
    CHECK(timer_gettime(id, &now) == 0 && now.it_value.tv_sec >= 45);
    say("timer: %ld.%09ld\n", (long)now.it_value.tv_sec, now.it_value.tv_nsec);
    CHECK(timer_getoverrun(id) == 0);
    CHECK(timer_delete(id) == 0);
    return 0;
}

/* A timerfd hands out how often it has expired; timerfd_settime writes the old setting:
 * timerfd_create(2). */
#include "check.h"

#include <sys/timerfd.h>

int main(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    CHECK(fd >= 0);
    struct itimerspec on = {.it_interval = {0, 5000000}, .it_value = {0, 1000000}}, old, now;
    CHECK(timerfd_settime(fd, 0, &on, &old) == 0);
    CHECK(old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
    for (int i = 0; i < 5; i++) {
        uint64_t count;
        CHECK(read(fd, &count, sizeof count) == sizeof count && count >= 1);
        CHECK(timerfd_gettime(fd, &now) == 0 && now.it_interval.tv_nsec == 5000000);
        say("%lu expirations, next in %ld ns\n", (long)count, now.it_value.tv_nsec);
        sleep_ms(i * 4);
    }
    struct itimerspec off = {0};
    CHECK(timerfd_settime(fd, 0, &off, &old) == 0 && old.it_interval.tv_nsec == 5000000);
    say("left %ld ns\n", old.it_value.tv_nsec);
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    uint64_t count;
    CHECK(read(fd, &count, sizeof count) == -1 && errno == EAGAIN);
    CHECK(timerfd_settime(fd, 0, NULL, NULL) == -1 && errno == EFAULT);
    return 0;
}

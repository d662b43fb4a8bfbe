/* Clocks read through libc. Where the program sees no vDSO these are system calls, and each value
 * must come again in a replay. vdso(7), clock_gettime(2), gettimeofday(2), time(2) */
#include "check.h"

#include <sys/time.h>

int main(void)
{
    static const clockid_t clocks[] = {
        CLOCK_REALTIME,         CLOCK_MONOTONIC,         CLOCK_PROCESS_CPUTIME_ID,
        CLOCK_MONOTONIC_RAW,    CLOCK_THREAD_CPUTIME_ID, CLOCK_REALTIME_COARSE,
        CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,          CLOCK_TAI,
    };
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct timespec a, b, resolution;
        CHECK(clock_gettime(clocks[i], &a) == 0);
        CHECK(clock_gettime(clocks[i], &b) == 0);
        CHECK(clock_getres(clocks[i], &resolution) == 0);
        CHECK(b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
        say("clock %d: %ld.%09ld %ld.%09ld resolution %ld\n", (int)clocks[i], (long)a.tv_sec,
            a.tv_nsec, (long)b.tv_sec, b.tv_nsec, resolution.tv_nsec);
    }
    struct timeval tv;
    CHECK(gettimeofday(&tv, NULL) == 0);
    time_t t = time(NULL);
    CHECK(t >= tv.tv_sec);
    say("gettimeofday %ld.%06ld time %ld clock %ld\n", (long)tv.tv_sec, (long)tv.tv_usec, (long)t,
        (long)clock());
    struct timespec none;
    CHECK(syscall(SYS_clock_gettime, 9999, &none) == -1 && errno == EINVAL);
    return 0;
}

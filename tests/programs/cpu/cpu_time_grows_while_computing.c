/* clock(3), times(2) and getrusage(2) count the time of the processor; a replay shows the recorded
 * values. */
#include "check.h"

#include <sys/resource.h>
#include <sys/times.h>

int main(void)
{
    clock_t start = clock();
    uint64_t x = random_word(), rounds = 0;
    while (clock() - start < CLOCKS_PER_SEC / 20) {
        for (int i = 0; i < 10000; i++)
            x = x * 6364136223846793005u + 1;
        rounds++;
    }
    struct rusage usage;
    struct tms t;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0 && times(&t) != -1);
    long us = usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
              usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
    CHECK(us >= 40000);
    say("%lu rounds, %ld us, %ld ticks: %016lx\n", (long)rounds, us, (long)t.tms_utime, (long)x);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        while (clock() < CLOCKS_PER_SEC / 50)
            ;
        _exit(0);
    }
    wait_for_success(child);
    CHECK(getrusage(RUSAGE_CHILDREN, &usage) == 0);
    say("child used %ld us\n", (long)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec));
    return 0;
}

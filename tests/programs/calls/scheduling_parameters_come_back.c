/* sched_getparam, sched_getattr, sched_rr_get_interval, nice, ioprio: sched(7). */
#include "check.h"

#include <sched.h>

struct attr {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max;
    uint8_t room[64];
};

int main(void)
{
    struct sched_param p = {.sched_priority = 77};
    CHECK(sched_getparam(0, &p) == 0 && p.sched_priority == 0);
    CHECK(sched_getscheduler(0) == SCHED_OTHER);
    struct timespec interval = {-1, -1};
    CHECK(sched_rr_get_interval(0, &interval) == 0);
    say("interval %ld ns\n", interval.tv_nsec);
    CHECK(nice(3) != -1 || errno == 0);
    struct attr a;
    memset(&a, 0xaa, sizeof a);
    CHECK(syscall(SYS_sched_getattr, 0, &a, sizeof a, 0) == 0);
    /* Newer kernels fill the rest of the room with zeros, older ones leave it. */
    CHECK(a.size <= sizeof a && a.nice >= 3);
    say("%016lx\n", (long)hash_of(&a, sizeof a));
    say("%u bytes, nice %d, policy %u\n", a.size, a.nice, a.policy);
    memset(&a, 0xaa, sizeof a);
    CHECK(syscall(SYS_sched_getattr, 0, &a, 48, 0) == 0 && a.size == 48 &&
          a.util_min == 0xaaaaaaaa);
    CHECK(sched_yield() == 0);
    say("priorities %d to %d, ioprio %ld\n", sched_get_priority_min(SCHED_FIFO),
        sched_get_priority_max(SCHED_FIFO), syscall(SYS_ioprio_get, 1, 0));
    return 0;
}

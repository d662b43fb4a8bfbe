/* Owns the limit, in processor time of the task: a machine that has other things to do makes nobody
 * impatient. */
#include "replayer/patience.h"

#include "replayer/budget.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull

/* In the loop itself an arrival costs a few ns; by stops, some us. */
#define LEAST          (60 * SECOND)
#define TIMES          1000
#define LEAST_BY_STOPS (600 * SECOND)
#define TIMES_BY_STOPS 30000
#define WAITS_UNTIL_ASK                                                                            \
    65536u /* between stops that come so fast that nothing interrupts a wait                       \
            */

/* 0: it cannot be told. */
static uint64_t processor_time(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        return 0;
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

void patience_begin(struct replayer *r, const struct rtask *t, struct patience *ret)
{
    uint64_t now = r->at.event->time;
    *ret =
        (struct patience){.r = r, .pid = t->pid, .recorded_ns = now > t->time ? now - t->time : 0};
}

static uint64_t used(const struct patience *p)
{
    uint64_t now = processor_time(p->pid);
    return now > p->from ? now - p->from : 0;
}

uint64_t patience_used_s(const struct patience *p)
{
    return used(p) / SECOND;
}

static bool is_over(struct patience *p, bool by_stops)
{
    uint64_t least = by_stops ? LEAST_BY_STOPS : LEAST, more;
    uint64_t option = (uint64_t)p->r->options->patience_s * SECOND;
    if (!p->has_begun) {
        p->from = processor_time(p->pid);
        p->has_begun = true;
    }
    if (__builtin_mul_overflow(p->recorded_ns, by_stops ? TIMES_BY_STOPS : TIMES, &more) ||
        __builtin_add_overflow(least, more, &least))
        least = UINT64_MAX;
    return used(p) > (option != 0 ? option : least);
}

static int stop(pid_t pid, int *ret_status)
{
    int err = tracee_interrupt(pid);
    if (err == 0)
        err = tracee_wait(pid, ret_status);
    return err < 0 ? err : -ETIME;
}

/* Now and then the waiting is interrupted (pulse.h). What can be measured only of stopped tasks is
 * measured when it is stopped, by whoever resumes it next. */
static int at_pulse(struct patience *p)
{
    return p->r->use.no_proc ? tracee_interrupt(p->pid) : budget_look(p->r);
}

int patience_wait(struct patience *p, bool by_stops, int *ret_status)
{
    while (waitpid(p->pid, ret_status, __WALL) < 0) {
        int err = errno == EINTR ? at_pulse(p) : -errno;
        if (err < 0)
            return err;
        if (is_over(p, by_stops))
            return stop(p->pid, ret_status);
    }
    return ++p->waits % WAITS_UNTIL_ASK == 0 && is_over(p, by_stops) ? -ETIME : 0;
}

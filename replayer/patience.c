/* Owns the limit, in processor time of the task: a machine that has other things to do makes nobody
 * impatient. */
#include "replayer/patience.h"

#include <errno.h>
#include <signal.h>
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

/* Sent to nobody else: waitpid(2) returns, and no other call is made meanwhile that could. */
static void do_nothing(int signo)
{
    (void)signo;
}

/* 0: it cannot be told. */
static uint64_t processor_time(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        return 0;
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

int patience_begin(struct replayer *r, const struct rtask *t, uint64_t recorded_ns,
                   struct patience *ret)
{
    const struct sigaction action = {.sa_handler = do_nothing};
    struct sigevent to_us = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
    const struct itimerspec each_second = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_sec = 1}};
    *ret = (struct patience){.pid = t->pid,
                             .from = processor_time(t->pid),
                             .recorded_ns = recorded_ns,
                             .option_ns = (uint64_t)r->options->patience_s * SECOND};
    to_us._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &to_us, &ret->timer) < 0)
        return err_sys(r->err, errno, "cannot make a timer");
    sigaction(SIGURG, &action, &ret->old_action);
    if (timer_settime(ret->timer, 0, &each_second, NULL) == 0)
        return 0;
    int err = errno;
    patience_end(ret);
    return err_sys(r->err, err, "cannot set a timer");
}

void patience_end(struct patience *p)
{
    timer_delete(p->timer);
    sigaction(SIGURG, &p->old_action, NULL);
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

static bool is_over(const struct patience *p, bool by_stops)
{
    uint64_t least = by_stops ? LEAST_BY_STOPS : LEAST, more;
    if (__builtin_mul_overflow(p->recorded_ns, by_stops ? TIMES_BY_STOPS : TIMES, &more) ||
        __builtin_add_overflow(least, more, &least))
        least = UINT64_MAX;
    return used(p) > (p->option_ns != 0 ? p->option_ns : least);
}

static int stop(pid_t pid, int *ret_status)
{
    int err = tracee_interrupt(pid);
    if (err == 0)
        err = tracee_wait(pid, ret_status);
    return err < 0 ? err : -ETIME;
}

int patience_wait(struct patience *p, bool by_stops, int *ret_status)
{
    while (waitpid(p->pid, ret_status, __WALL) < 0) {
        if (errno != EINTR)
            return -errno;
        if (is_over(p, by_stops))
            return stop(p->pid, ret_status);
    }
    return ++p->waits % WAITS_UNTIL_ASK == 0 && is_over(p, by_stops) ? -ETIME : 0;
}

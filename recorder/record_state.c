/* Owns what is said of a recording as a whole: warnings, the reason of its end, its clock. */
#include "recorder/record_state.h"

#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void recorder_warn(struct recorder *r, const char *fmt, ...)
{
    if (r->options->warn == NULL)
        return;
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    r->options->warn(r->options->warn_ctx, line);
}

void recorder_give_up(struct recorder *r, int errnum, const char *fmt, ...)
{
    if (r->give_up != 0)
        return;
    r->give_up = errnum;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->give_up_why, sizeof r->give_up_why, fmt, ap);
    va_end(ap);
}

uint64_t recorder_now(struct recorder *r)
{
    uint64_t now = clock_ns(CLOCK_MONOTONIC) - r->clock_base;
    if (now <= r->last_time)
        now = r->last_time + 1;
    r->last_time = now;
    return now;
}

void task_lost(struct recorder *r, const struct task *t, int err)
{
    if (err != -ESRCH)
        recorder_give_up(r, -err, "process %d cannot be controlled", (int)t->tid);
}

void task_set_state(struct recorder *r, struct task *t, enum task_state state)
{
    if (!task_state_may_follow(t->state, state))
        recorder_give_up(r, EPROTO,
                         "process %d was %s and is %s, which cannot be: a bug of reprise",
                         (int)t->tid, task_state_name(t->state), task_state_name(state));
    t->state = state;
}

/* Owns the words for a recording that stands still. Each second the loop looks here; it takes ten
 * of them without a stop until something is said, and that only if a task waits for another one
 * that the recorder could let run, or that keeps others from running. */
#include "recorder/standstill.h"

#include "task/proc.h"

#include <stdio.h>

#define LONG_NS 10000000000ull

static const char *doing(const struct task *t, char *buf, size_t size)
{
    const struct call *c = &t->call;
    if (!c->active && !c->restarting)
        return task_state_name(t->state);
    if (c->row != NULL)
        snprintf(buf, size, "in %s", c->row->name);
    else
        snprintf(buf, size, "in system call %lld", (long long)c->call.nr);
    return buf;
}

bool standstill_describe(const struct recorder *r, char *ret, size_t size)
{
    char call[64];
    size_t pos = 0;
    for (const struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        const struct task *holder = t->group->holder;
        if (t->state != TASK_READY || holder == NULL || holder == t)
            continue;
        snprintf(ret, size, "task %d waits for task %d, which is %s (%c)", (int)t->tid,
                 (int)holder->tid, doing(holder, call, sizeof call), proc_state(holder->tid));
        return true;
    }
    return false;
}

void standstill_look(struct recorder *r)
{
    struct standstill *s = &r->standstill;
    uint64_t now = recorder_now(r);
    char text[160];
    if (s->n_stops != r->n_stops) {
        s->n_stops = r->n_stops;
        s->since = now;
    } else if (!s->told && now - s->since >= LONG_NS && standstill_describe(r, text, sizeof text)) {
        s->told = true;
        recorder_warn(r, "nothing has moved for ten seconds: %s", text);
    }
}

/* Owns the order in which things are done behind a stop: first come, first served, but what follows
 * from one thing comes before the next one. So a task that its tracer lets go runs before the
 * tracer does, which may be about to kill it. Makes no ptrace request. */
#include "recorder/agenda.h"

static void append(struct recorder *r, struct task *t, enum agenda_item what)
{
    struct agenda *a = &r->agenda;
    bool there = t->todo.what != AGENDA_NOTHING;
    t->todo.what |= what;
    if (there)
        return;
    if (a->last != NULL)
        a->last->todo.next = t;
    else
        a->first = t;
    a->last = t;
}

void task_resume(struct recorder *r, struct task *t, int signo)
{
    t->todo.signo = signo;
    append(r, t, AGENDA_RESUME);
}

void agenda_queued(struct recorder *r, struct task *t)
{
    append(r, t, AGENDA_QUEUED);
}

void agenda_due(struct recorder *r, struct task *t)
{
    append(r, t, AGENDA_DUE);
}

/* What has come since the last task was taken out stands in the list, what was there before it in
 * `later`. */
static void join_later(struct agenda *a)
{
    if (a->last != NULL)
        a->last->todo.next = a->later;
    else
        a->first = a->later;
    a->later = NULL;
}

struct task *agenda_next(struct recorder *r, unsigned *ret_what)
{
    struct agenda *a = &r->agenda;
    join_later(a);
    struct task *t = a->first;
    if (t == NULL)
        return NULL;
    a->later = t->todo.next;
    a->first = a->last = NULL;
    t->todo.next = NULL;
    *ret_what = t->todo.what;
    t->todo.what = AGENDA_NOTHING;
    return t;
}

/* ---- the dead ---- */

void agenda_bury(struct recorder *r, struct task *t)
{
    t->todo.next = r->agenda.buried;
    r->agenda.buried = t;
}

struct task *agenda_next_buried(struct recorder *r)
{
    struct task *t = r->agenda.buried;
    if (t != NULL)
        r->agenda.buried = t->todo.next;
    return t;
}

/* Owns the order in which things are done behind a stop: first come, first served. Makes no ptrace
 * request. */
#include "recorder/agenda.h"

#include "recorder/tasks.h"

#include <errno.h>

static void append(struct recorder *r, struct task *t, enum agenda_item what)
{
    struct agenda *a = &r->agenda;
    bool there = t->on_agenda != AGENDA_NOTHING;
    t->on_agenda |= what;
    if (there)
        return;
    if (a->last != NULL)
        a->last->next_on_agenda = t;
    else
        a->first = t;
    a->last = t;
}

void task_resume(struct recorder *r, struct task *t, int signo)
{
    t->resume_signo = signo;
    append(r, t, AGENDA_RESUME);
}

void agenda_queued(struct recorder *r, struct task *t)
{
    append(r, t, AGENDA_QUEUED);
}

void agenda_grant(struct recorder *r, struct task *t)
{
    append(r, t, AGENDA_GRANTED);
}

struct task *agenda_next(struct recorder *r, unsigned *ret_what)
{
    struct agenda *a = &r->agenda;
    struct task *t = a->first;
    if (t == NULL)
        return NULL;
    a->first = t->next_on_agenda;
    if (a->first == NULL)
        a->last = NULL;
    t->next_on_agenda = NULL;
    *ret_what = t->on_agenda;
    t->on_agenda = AGENDA_NOTHING;
    return t;
}

/* ---- statuses ---- */

struct met {
    pid_t tid;
    int status;
};

void agenda_met(struct recorder *r, pid_t tid, int status)
{
    const struct met met = {.tid = tid, .status = status};
    if (buf_append(&r->agenda.met, &met, sizeof met) < 0)
        recorder_give_up(r, ENOMEM, "out of memory");
}

bool agenda_has_met(const struct recorder *r)
{
    return r->agenda.n_taken * sizeof(struct met) < r->agenda.met.len;
}

bool agenda_next_met(struct recorder *r, pid_t *ret_tid, int *ret_status)
{
    struct agenda *a = &r->agenda;
    if (!agenda_has_met(r))
        return false;
    const struct met *met = (const struct met *)a->met.data + a->n_taken++;
    *ret_tid = met->tid;
    *ret_status = met->status;
    if (a->n_taken * sizeof *met == a->met.len) {
        buf_clear(&a->met);
        a->n_taken = 0;
    }
    return true;
}

/* ---- the dead ---- */

void agenda_bury(struct recorder *r, struct task *t)
{
    t->next_on_agenda = r->agenda.buried;
    r->agenda.buried = t;
}

void agenda_free_buried(struct recorder *r)
{
    for (struct task *t; (t = r->agenda.buried) != NULL;) {
        r->agenda.buried = t->next_on_agenda;
        task_free(t);
    }
}

void agenda_done(struct recorder *r)
{
    agenda_free_buried(r);
    buf_done(&r->agenda.met);
}

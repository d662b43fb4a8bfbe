/* Owns who may run user code. Knows nothing of calls or signals: what a task does with the token
 * is the loop's business. */
#include "recorder/group.h"

#include "base/no_memory.h"
#include "recorder/agenda.h"
#include "recorder/call_entry.h"
#include "recorder/call_facts.h"
#include "recorder/emit.h"
#include "recorder/shared_objects.h"
#include "recorder/slices.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define TOKEN_SLICE_NS 10000000ull

static void take_token(struct recorder *r, struct group *g, struct task *t)
{
    g->holder = t;
    g->token_since = r->last_time;
    slices_want(r, t);
    agenda_due(r, t);
}

void group_found(struct recorder *r, struct task *t)
{
    struct group *g = calloc(1, sizeof *g);
    if (g == NULL)
        no_memory();
    g->stream = ++r->n_streams;
    group_join(t, g);
    g->holder = t;
}

void group_join(struct task *t, struct group *g)
{
    assert(t->group == NULL);
    t->group = g;
    g->n_tasks++;
}

static void unqueue(struct group *g, struct task *t)
{
    struct task *prev = NULL;
    for (struct task *i = g->ready_head; i != NULL; prev = i, i = i->next_ready) {
        if (i != t)
            continue;
        if (prev != NULL)
            prev->next_ready = t->next_ready;
        else
            g->ready_head = t->next_ready;
        if (g->ready_tail == t)
            g->ready_tail = prev;
        t->next_ready = NULL;
        return;
    }
}

/* Nobody has it: the first in the queue gets it. */
static void pass_token(struct recorder *r, struct group *g)
{
    struct task *next = g->ready_head;
    if (next == NULL)
        return;
    unqueue(g, next);
    take_token(r, g, next);
}

void group_leave(struct recorder *r, struct task *t)
{
    struct group *g = t->group;
    unqueue(g, t);
    bool held = g->holder == t;
    t->group = NULL;
    if (--g->n_tasks == 0) {
        trace_writer_end_stream(r->writer, g->stream);
        shared_objects_move(r, g, NULL);
        free(g);
        return;
    }
    if (held) {
        g->holder = NULL;
        pass_token(r, g);
    }
}

bool group_has_token(const struct task *t)
{
    return t->group->holder == t;
}

void group_wait_for_token(struct recorder *r, struct task *t, enum task_due due)
{
    struct group *g = t->group;
    t->due = due;
    if (g->holder == NULL) {
        take_token(r, g, t);
        return;
    }
    if (g->holder == t) {
        agenda_due(r, t);
        return;
    }
    task_set_state(r, t, TASK_READY);
    if (g->ready_tail != NULL)
        g->ready_tail->next_ready = t;
    else
        g->ready_head = t;
    g->ready_tail = t;
    slices_want(r, g->holder);
    if (g->holder->in_group_stop)
        agenda_queued(r, t);
}

void group_unqueue(struct task *t)
{
    unqueue(t->group, t);
}

bool group_yield(struct recorder *r, struct task *t)
{
    return r->last_time - t->group->token_since >= TOKEN_SLICE_NS && group_hand_over(r, t);
}

bool group_hand_over(struct recorder *r, struct task *t)
{
    struct group *g = t->group;
    if (g->ready_head == NULL || g->holder != t)
        return false;
    task_set_state(r, t, TASK_READY);
    t->due = DUE_RESUME;
    g->ready_tail->next_ready = t;
    g->ready_tail = t;
    group_release_token(r, t);
    return true;
}

void group_release_token(struct recorder *r, struct task *t)
{
    struct group *g = t->group;
    if (g->holder != t)
        return;
    g->holder = NULL;
    pass_token(r, g);
}

static void log_merge(struct recorder *r, struct task *t, uint32_t from, uint32_t into)
{
    Reprise__Merge merge = REPRISE__MERGE__INIT;
    merge.from = from;
    merge.into = into;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_MERGE;
    e.merge = &merge;
    emit_event(r, t, &e);
}

void group_merge(struct recorder *r, struct group *from, struct group *into, struct task *t)
{
    assert(from != into && t->group == from);
    uint32_t ended = from->stream;
    if (into->last_time < from->last_time)
        into->last_time = from->last_time;
    log_merge(r, t, ended, into->stream);
    assert(from->holder == t);
    from->holder = NULL;
    while (from->ready_head != NULL) {
        struct task *q = from->ready_head;
        unqueue(from, q);
        if (into->ready_tail != NULL)
            into->ready_tail->next_ready = q;
        else
            into->ready_head = q;
        into->ready_tail = q;
    }
    size_t pos = 0;
    for (struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;) {
        if (i->group != from)
            continue;
        i->group = into;
        into->n_tasks++;
    }
    trace_writer_end_stream(r->writer, ended);
    shared_objects_move(r, from, into);
    free(from);
    log_merge(r, t, ended, into->stream);
    struct task *holder = into->holder;
    if (holder != NULL && holder->state == TASK_USER &&
        call_may_wait(r, holder)) { /* it was alone and kept the token */
        call_log_entry(r, holder);
        task_set_state(r, holder, TASK_IN_CALL);
        into->holder = NULL;
    }
}

/* Owns the recorder's objects for tasks and address spaces. Makes no ptrace request. */
#include "recorder/tasks.h"

#include "base/no_memory.h"
#include "recorder/code_patches.h"
#include "recorder/code_watch.h"
#include "recorder/fd_class.h"
#include "recorder/forced_signals.h"
#include "recorder/proc_maps.h"
#include "recorder/proc_status.h"
#include "recorder/scratch.h"
#include "recorder/signal_order.h"
#include "recorder/snapshot.h"
#include "task/memory_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must_calloc(size_t size)
{
    void *p = calloc(1, size);
    if (p == NULL)
        no_memory();
    return p;
}

struct task *task_new(struct recorder *r, pid_t tid)
{
    struct task *t = must_calloc(sizeof *t);
    t->tid = tid;
    t->pid = tid;
    t->serial = ++r->n_tasks;
    if (map64_put(&r->tasks, (uint64_t)tid, t) < 0)
        no_memory();
    r->n_alive++;
    return t;
}

struct task *task_find(const struct recorder *r, pid_t tid)
{
    return map64_get(&r->tasks, (uint64_t)tid);
}

void task_rename(struct recorder *r, struct task *t, pid_t tid)
{
    map64_take(&r->tasks, (uint64_t)t->tid);
    t->tid = tid;
    if (map64_put(&r->tasks, (uint64_t)tid, t) < 0)
        no_memory();
}

void task_swap_tids(struct recorder *r, struct task *a, struct task *b)
{
    pid_t tid = a->tid;
    a->tid = b->tid;
    b->tid = tid;
    (void)map64_put(&r->tasks, (uint64_t)a->tid, a); /* the keys are there: it cannot fail */
    (void)map64_put(&r->tasks, (uint64_t)b->tid, b);
}

void task_forget(struct recorder *r, struct task *t)
{
    map64_take(&r->tasks, (uint64_t)t->tid);
    r->n_alive--;
    scratch_give_back(t); /* to others of its space */
}

void task_free(struct task *t)
{
    space_unref(t->space);
    fd_table_unref(t->fds);
    for (struct held_signal *h = t->held, *next; h != NULL; h = next) {
        next = h->next;
        free(h);
    }
    signal_order_done(t);
    signal_actions_unref(t->actions);
    free(t->traced);
    free(t->marks);
    proc_status_free(t);
    proc_maps_free(t);
    snapshot_free(t->call.before);
    syscall_call_done(&t->call.call);
    syscall_ranges_done(&t->call.in_ranges);
    syscall_ranges_done(&t->call.restart_ranges);
    buf_done(&t->call.in);
    free(t->call.redirect.v);
    syscall_buffers_done(&t->call.redirect.buffers);
    syscall_ranges_done(&t->call.redirect.written);
    buf_done(&t->call.redirect.content);
    free(t);
}

static struct memory_watch *watch_new(const struct recorder *r)
{
    return memory_watch_new(recorder_has(r, MACHINE_USERFAULTFD) &&
                            recorder_has(r, MACHINE_PAGEMAP_SCAN) &&
                            recorder_has(r, MACHINE_PIDFD_GETFD));
}

struct space *space_new(const struct recorder *r)
{
    struct space *s = must_calloc(sizeof *s);
    s->refs = 1;
    s->watch = watch_new(r);
    return s;
}

struct space *space_ref(struct space *s)
{
    s->refs++;
    return s;
}

struct space *space_copy(const struct recorder *r, const struct space *s)
{
    struct space *copy = must_calloc(sizeof *copy);
    *copy = *s;
    copy->refs = 1;
    copy->watch = watch_new(r);
    scratch_areas_copy(&copy->scratch, &s->scratch);
    copy->stub.patches = code_patches_copy(s->stub.patches);
    copy->code = code_watch_copy(s->code);
    return copy;
}

void space_unref(struct space *s)
{
    if (s == NULL || --s->refs > 0)
        return;
    scratch_areas_done(&s->scratch);
    code_patches_free(s->stub.patches);
    code_watch_free(s->code);
    memory_watch_unref(s->watch);
    free(s);
}

void call_reset(struct call *c)
{
    snapshot_free(c->before);
    struct call kept = {
        .call = {.saved = c->call.saved, .saved_cap = c->call.saved_cap},
        .in = {.data = c->in.data, .cap = c->in.cap},
        .in_ranges = {.v = c->in_ranges.v, .cap = c->in_ranges.cap},
        .restart_ranges = {.v = c->restart_ranges.v, .cap = c->restart_ranges.cap},
        .redirect = c->redirect,
    };
    kept.redirect.on = false;
    *c = kept;
}

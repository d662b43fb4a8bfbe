/* Owns the list of tasks. Makes no ptrace request. */
#include "recorder/tasks.h"

#include "base/no_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct task *task_new(struct recorder *r, pid_t tid)
{
    struct task *t = calloc(1, sizeof *t);
    if (t == NULL)
        no_memory();
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
}

const cpu_set_t *task_affinity(const struct recorder *r, const struct task *t)
{
    return t->affinity_set ? &t->affinity : &r->affinity;
}

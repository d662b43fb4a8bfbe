/* Owns the end of a recording before that of the program: each task is stopped, and let go. They
 * are not waited for in turn: one may be asleep until another has gone on (vfork, or exec by a
 * thread, which waits for the end of the others). */
#include "recorder/detach.h"

#include "base/no_memory.h"
#include "recorder/emit.h"
#include "recorder/leave.h"
#include "recorder/pass_through.h"
#include "recorder/task_parts.h"
#include "recorder/tasks.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <sys/wait.h>

/* The stop that a task is in already, by the siginfo that ptrace made for it (kernel/signal.c,
 * ptrace_do_notify: the code is the exit code). False: it runs. */
static bool current_stop(const struct task *t, struct stop *ret)
{
    siginfo_t info;
    if (tracee_get_siginfo(t->tid, &info) < 0)
        return false;
    int code = info.si_code;
    bool by_ptrace = info.si_signo == SIGTRAP && code > 0 && (code & 0x7f) == SIGTRAP;
    *ret = by_ptrace ? stop_decode(code << 8 | 0x7f)
                     : (struct stop){.kind = STOP_SIGNAL, .signo = info.si_signo};
    if (code == SIGTRAP) /* a handler's frame has just been built: no signal */
        ret->kind = STOP_TRAP;
    return true;
}

void detach_stray(struct recorder *r, pid_t tid)
{
    struct task stray = {.tid = tid, .pid = tid};
    recorder_warn(r, "process %d was born as its parent was killed: it goes on unrecorded",
                  (int)tid);
    leave_with(r, &stray, 0);
}

static void log_detached(struct recorder *r, struct task *t)
{
    if (t->state == TASK_DYING || trace_writer_status(r->writer) != 0)
        return;
    Reprise__Exit x = REPRISE__EXIT__INIT;
    x.detached = true;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_EXIT;
    e.exit = &x;
    emit_event(r, t, &e);
}

/* A child that was born on the way out. It leaves when both its first stop and its parent's have
 * come: it has the memory that its parent had then. */
struct stray {
    struct task task;
    bool stopped, has_parent;
};

static struct stray let_go; /* stands for all that have left */

struct detaching {
    struct recorder *r;
    struct map64 strays; /* by tid: struct stray */
    size_t n_awaited;    /* tasks that are, strays that have not left */
    size_t n_orphans;    /* strays that have stopped, and their parent has not */
};

static void await(struct detaching *d, struct task *t, bool awaited)
{
    d->n_awaited += (size_t)awaited - (size_t)t->awaited;
    t->awaited = awaited;
}

static void set_stray(struct detaching *d, pid_t tid, struct stray *s)
{
    if (map64_put(&d->strays, (uint64_t)tid, s) < 0)
        no_memory();
}

/* NULL: it has left. */
static struct stray *stray_of(struct detaching *d, pid_t tid)
{
    struct stray *s = map64_get(&d->strays, (uint64_t)tid);
    if (s != NULL)
        return s != &let_go ? s : NULL;
    s = calloc(1, sizeof *s);
    if (s == NULL)
        no_memory();
    s->task.tid = s->task.pid = tid;
    set_stray(d, tid, s);
    d->n_awaited++;
    return s;
}

static void stray_leaves(struct detaching *d, struct stray *s)
{
    d->n_awaited--;
    d->n_orphans -= s->stopped && !s->has_parent;
    set_stray(d, s->task.tid, &let_go);
    if (s->stopped)
        leave_with(d->r, &s->task, 0);
    space_unref(s->task.space);
    free(s);
}

static void stray_at_stop(struct detaching *d, struct stray *s, int status)
{
    s->stopped = WIFSTOPPED(status);
    d->n_orphans += s->stopped && !s->has_parent;
    if (!s->stopped || s->has_parent)
        stray_leaves(d, s);
}

/* The parent is NULL if it has left, and had nothing of ours any more. */
static void at_birth(struct detaching *d, pid_t parent_tid, const struct task *parent)
{
    unsigned long tid;
    if (tracee_event_message(parent_tid, &tid) < 0 || task_find(d->r, (pid_t)tid) != NULL)
        return;
    struct stray *s = stray_of(d, (pid_t)tid);
    if (s == NULL)
        return;
    if (parent != NULL) {
        bool shares = (parent->birth.clone_flags & CLONE_VM) != 0;
        if (parent->space != NULL)
            s->task.space = shares ? space_ref(parent->space) : space_copy(d->r, parent->space);
        s->task.affinity = parent->affinity;
        s->task.affinity_set = parent->affinity_set;
    }
    d->n_orphans -= s->stopped;
    s->has_parent = true;
    if (s->stopped)
        stray_leaves(d, s);
}

static void orphans_leave(struct detaching *d)
{
    size_t pos = 0;
    for (struct stray *s; (s = map64_next(&d->strays, &pos)) != NULL;)
        if (s != &let_go)
            stray_leaves(d, s);
}

/* Who execs has the leader's tid from here on: ptrace(2), "execve(2) under ptrace". Of the old
 * memory nothing is left to give back. */
static struct task *after_exec(struct detaching *d, struct task *leader)
{
    unsigned long former;
    struct task *t = NULL;
    if (tracee_event_message(leader->tid, &former) == 0 && (pid_t)former != leader->tid)
        t = task_find(d->r, (pid_t)former);
    if (t != NULL) {
        await(d, leader, false);
        task_set_state(d->r, leader, TASK_LEFT);
        task_swap_tids(d->r, leader, t);
    } else {
        t = leader;
    }
    space_unref(t->space);
    t->space = NULL;
    t->call.redirect.on = false;
    t->last_syscall_ip = 0;
    return t;
}

static void take_stop(struct detaching *d, struct task *t, const struct stop *stop)
{
    if (stop->kind == STOP_EXEC)
        t = after_exec(d, t);
    if (stop->kind == STOP_FORK)
        at_birth(d, t->tid, t);
    bool midway = stop->kind == STOP_EXEC || stop->kind == STOP_FORK;
    if (midway && t->state != TASK_LEFT) {
        t->todo.was_to_be_resumed = false;
        await(d, t, tracee_resume(t->tid, TRACEE_SYSCALL, 0) == 0);
    } else if (midway) {
        leave_release(d->r, t->tid, 0);
    } else {
        t->in_group_stop = stop->kind == STOP_GROUP;
        await(d, t, false);
        leave_at(d->r, t, stop);
    }
}

static void at_stop(struct detaching *d, pid_t tid, int status)
{
    struct task *t = task_find(d->r, tid);
    struct stray *s = t == NULL ? stray_of(d, tid) : NULL;
    struct stop stop = stop_decode(status);
    if (t != NULL && WIFSTOPPED(status) && (t->state != TASK_LEFT || stop.kind == STOP_EXEC)) {
        take_stop(d, t, &stop);
    } else if (s != NULL) {
        stray_at_stop(d, s, status);
    } else {
        if (t != NULL)
            await(d, t, false);
        if (stop.kind == STOP_FORK)
            at_birth(d, tid, NULL);
        pass_on(d->r, tid, status);
    }
}

void detach_all(struct recorder *r)
{
    struct detaching d = {.r = r};
    size_t pos = 0;
    for (struct map64_slot *s; (s = map64_next_slot(&r->early, &pos)) != NULL;)
        if (task_find(r, (pid_t)s->key) == NULL)
            stray_at_stop(&d, stray_of(&d, (pid_t)s->key), (int)((uintptr_t)s->value - 1));
    pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        struct stop stop;
        if (t->state == TASK_LEFT)
            continue;
        log_detached(r, t);
        if (current_stop(t, &stop))
            take_stop(&d, t, &stop);
        else /* -ESRCH: it is dead, or has another tid by exec, which will tell */
            await(&d, t, tracee_interrupt(t->tid) == 0);
    }
    while (d.n_awaited > d.n_orphans) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid > 0)
            at_stop(&d, tid, status);
        else if (errno != EINTR)
            break; /* nobody is left */
    }
    orphans_leave(&d); /* whose parents were killed */
    map64_done(&d.strays);
}

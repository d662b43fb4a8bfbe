/* Owns the birth of tasks: the child of a fork, and of one that was killed as it forked. */
#include "recorder/births.h"

#include "recorder/agenda.h"
#include "recorder/call_entry.h"
#include "recorder/call_facts.h"
#include "recorder/early_writes.h"
#include "recorder/emit.h"
#include "recorder/fd_class.h"
#include "recorder/forced_signals.h"
#include "recorder/group.h"
#include "recorder/ptrace_show.h"
#include "recorder/stops.h"
#include "recorder/stub_calls.h"
#include "recorder/task_control.h"
#include "recorder/task_parts.h"
#include "recorder/tasks.h"
#include "task/proc.h"
#include "task/stop.h"

#include <linux/sched.h>

static uint64_t child_tid_address(struct task *parent)
{
    const struct syscall_call *c = &parent->call.call;
    if ((parent->birth.clone_flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) == 0)
        return 0;
    if (parent->call.row->task != TASK_CLONE3)
        return c->args[3];
    uint64_t addr = 0; /* third word of struct clone_args, clone(2) */
    tracee_read_all(parent->tid, c->args[0] + 16, &addr, sizeof addr);
    return addr;
}

/* What the stub knows of descriptors is right for one table only. */
static void share_stub(struct task *parent, struct task *child, uint64_t flags)
{
    bool same_memory = (flags & CLONE_VM) != 0, same_fds = (flags & CLONE_FILES) != 0;
    if (same_memory == same_fds)
        return;
    stub_calls_forget_fds(child);
    if (same_fds || (flags & CLONE_VFORK) == 0) {
        stub_calls_turn_off(parent);
        stub_calls_turn_off(child);
    }
}

static struct task *child_new(struct recorder *r, struct task *parent, pid_t tid)
{
    uint64_t flags = parent->birth.clone_flags;
    struct task *child = task_new(r, tid);
    if ((flags & CLONE_THREAD) != 0)
        child->pid = parent->pid;
    child->birth.parent = parent->serial;
    child->birth.parent_stream = parent->group->stream;
    child->birth.clone_flags = flags;
    child->birth.child_tid_addr = child_tid_address(parent);
    if ((flags & CLONE_CHILD_CLEARTID) != 0)
        child->clear_tid_addr = child->birth.child_tid_addr;
    child->tsc_off_by_program = parent->tsc_off_by_program;
    child->cpuid_off_by_program = parent->cpuid_off_by_program;
    forced_signals_at_birth(parent, child, flags);
    child->filtered = parent->filtered;
    child->strict = parent->strict;
    child->no_new_privs = parent->no_new_privs;
    child->affinity = parent->affinity;
    child->affinity_set = parent->affinity_set;
    if (parent->traced != NULL)
        ptrace_child_born(r, parent, child);
    child->fds = (flags & CLONE_FILES) != 0 ? fd_table_ref(parent->fds) : fd_table_new();
    child->space =
        (flags & CLONE_VM) != 0 ? space_ref(parent->space) : space_copy(r, parent->space);
    share_stub(parent, child, flags);
    return child;
}

static void log_birth(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (!task_get_regs(r, t, &regs))
        return;
    Reprise__Birth b = REPRISE__BIRTH__INIT;
    b.parent = t->birth.parent;
    b.parent_stream = t->birth.parent_stream;
    b.tid = t->tid;
    b.pid = t->pid;
    b.clone_flags = t->birth.clone_flags;
    b.shares_memory = (t->birth.clone_flags & CLONE_VM) != 0;
    b.regs = emit_regs(r, &regs);
    struct emit_list out = {0};
    if ((t->birth.clone_flags & CLONE_CHILD_SETTID) != 0) {
        Reprise__Range *range = emit_memory(r, t->tid, t->birth.child_tid_addr, sizeof(pid_t));
        if (range != NULL)
            emit_push(r, &out, range);
    }
    b.out = (Reprise__Range **)out.v;
    b.n_out = out.n;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &b;
    emit_event(r, t, &e);
    t->regs = regs;
    t->stack_top = regs_sp(&regs);
    task_set_state(r, t, TASK_USER);
}

/* The child's first stop comes at once, before or after the parent's. */
static void await_child(struct recorder *r, struct task *child)
{
    int status;
    uintptr_t early = (uintptr_t)map64_take(&r->early, (uint64_t)child->tid);
    if (early != 0)
        status = (int)(early - 1);
    else if (tracee_wait(child->tid, &status) < 0)
        return;
    enum stop_kind kind = stop_decode(status).kind;
    if (kind != STOP_TRAP && kind != STOP_GROUP) { /* killed before its first step */
        stops_met(r, child->tid, status);
        return;
    }
    child->stopped_at = r->n_stops;
    log_birth(r, child);
    group_wait_for_token(r, child, DUE_RESUME);
}

static void bear(struct recorder *r, struct task *t, pid_t tid)
{
    struct task *child = child_new(r, t, tid);
    t->call.child = child->serial;
    call_log_entry(r, t);
    bool same_memory = child->space == t->space;
    if (same_memory || t->space->has_shared_memory)
        group_join(child, t->group);
    else
        group_found(r, child);
    struct syscall_memory m = call_memory(t);
    if (same_memory && t->call.active && syscall_writes_early(&t->call.call, &m))
        early_writes_log(r, t, tid);
    await_child(r, child);
}

void births_at_fork(struct recorder *r, struct task *t)
{
    unsigned long tid;
    if (!task_event_message(r, t, &tid))
        return;
    bear(r, t, (pid_t)tid);
    if ((t->birth.clone_flags & CLONE_VFORK) != 0) /* waits for the child, from here on */
        task_set_state(r, t, TASK_IN_CALL);
    task_resume(r, t, 0);
}

bool births_is_forking(const struct task *t)
{
    const struct call *c = &t->call;
    return c->active && c->child == 0 && c->row != NULL &&
           (c->row->task == TASK_FORK || c->row->task == TASK_VFORK || c->row->task == TASK_CLONE ||
            c->row->task == TASK_CLONE3);
}

struct forking {
    struct recorder *r;
    struct task *t;
};

static void bear_lost(void *ctx, pid_t child)
{
    const struct forking *f = ctx;
    if (task_find(f->r, child) == NULL)
        bear(f->r, f->t, child);
}

void births_find_lost(struct recorder *r, struct task *t)
{
    if (births_is_forking(t))
        proc_children(t->tid, bear_lost, &(struct forking){.r = r, .t = t});
}

bool births_is_child_of_ours(const struct recorder *r, pid_t tid)
{
    struct proc_stat stat;
    if (proc_stat(tid, &stat) && task_find(r, stat.parent) != NULL)
        return true;
    size_t pos = 0;
    for (const struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (proc_has_thread(t->pid, tid))
            return true;
    return false;
}

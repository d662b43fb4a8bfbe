/* Owns the main loop and what each kind of stop leads to. */
#include "recorder/loop.h"

#include "recorder/agenda.h"
#include "recorder/call_entry.h"
#include "recorder/call_exit.h"
#include "recorder/call_facts.h"
#include "recorder/calls.h"
#include "recorder/clock_reads.h"
#include "recorder/detach.h"
#include "recorder/early_writes.h"
#include "recorder/emit.h"
#include "recorder/exec_image.h"
#include "recorder/exit_writes.h"
#include "recorder/fd_class.h"
#include "recorder/forced_signals.h"
#include "recorder/group.h"
#include "recorder/job_control.h"
#include "recorder/output_turn.h"
#include "recorder/preempt.h"
#include "recorder/ptrace_stops.h"
#include "recorder/relay.h"
#include "recorder/signals.h"
#include "recorder/stops.h"
#include "recorder/stub_calls.h"
#include "recorder/stub_leave.h"
#include "recorder/task_parts.h"
#include "recorder/tasks.h"
#include "recorder/unseen_end.h"
#include "task/call_filter.h"
#include "task/proc.h"
#include "task/stop.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The filter stops a call that is to run, not one that the program's own filter forbids. */
static bool stops_by_filter(const struct recorder *r, const struct task *t)
{
    return r->filters_calls && !t->filtered;
}

/* A dead task is not there to be resumed: wait will tell. */
static void resume(struct recorder *r, struct task *t)
{
    enum tracee_resume how = t->traced != NULL ? ptrace_resume_how(t)
                             : stops_by_filter(r, t) && !t->call.active && !t->in_exec
                                 ? TRACEE_CONT
                                 : TRACEE_SYSCALL;
    t->boundary_time = r->last_time;
    if (!t->call.active)
        stub_calls_before_run(r, t);
    (void)tracee_resume(t->tid, how, t->resume_signo);
    if (t->call.early)
        call_log_early_writes(r, t);
}

/* Who goes on within a call that may wait has no need of the token. */
static void go_on(struct recorder *r, struct task *t)
{
    if (r->give_up != 0)
        t->resume_decided = true; /* it is let go where it stands, with this signal */
    else if (t->traced == NULL || !ptrace_holds(r, t)) /* else its own tracer will let it go */
        resume(r, t);
    if (t->signo_behind_resume != 0)
        syscall(SYS_tgkill, t->pid, t->tid, t->signo_behind_resume);
    t->signo_behind_resume = 0;
    if (t->state == TASK_IN_CALL)
        group_release_token(r, t);
}

/* ---- birth ---- */

static uint64_t child_tid_address(struct task *parent)
{
    const struct syscall_call *c = &parent->call.call;
    if ((parent->clone_flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) == 0)
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
    uint64_t flags = parent->clone_flags;
    struct task *child = task_new(r, tid);
    if ((flags & CLONE_THREAD) != 0)
        child->pid = parent->pid;
    child->parent_serial = parent->serial;
    child->parent_stream = parent->group->stream;
    child->clone_flags = flags;
    child->child_tid_addr = child_tid_address(parent);
    if ((flags & CLONE_CHILD_CLEARTID) != 0)
        child->clear_tid_addr = child->child_tid_addr;
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
    if (tracee_get_regs(t->tid, &regs) < 0)
        return;
    Reprise__Birth b = REPRISE__BIRTH__INIT;
    b.parent = t->parent_serial;
    b.parent_stream = t->parent_stream;
    b.tid = t->tid;
    b.pid = t->pid;
    b.clone_flags = t->clone_flags;
    b.shares_memory = (t->clone_flags & CLONE_VM) != 0;
    b.regs = emit_regs(r, &regs);
    struct emit_list out = {0};
    if ((t->clone_flags & CLONE_CHILD_SETTID) != 0) {
        Reprise__Range *range = emit_memory(r, t->tid, t->child_tid_addr, sizeof(pid_t));
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
    t->stack_top = regs.rsp;
    t->state = TASK_USER;
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

static void at_fork(struct recorder *r, struct task *t)
{
    unsigned long tid;
    if (tracee_event_message(t->tid, &tid) < 0)
        return;
    bear(r, t, (pid_t)tid);
    if ((t->clone_flags & CLONE_VFORK) != 0) /* waits for the child, from here on */
        t->state = TASK_IN_CALL;
    task_resume(r, t, 0);
}

/* ---- death ---- */

/* Whether a new task is a thread of a recorded process, or a child of one. */
static bool is_child_of_ours(const struct recorder *r, pid_t tid)
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

static bool is_forking(const struct task *t)
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

/* A task that is killed while it forks does not tell of its child; the child is there, at its
 * first stop, and has it as its parent still. */
static void find_lost_child(struct recorder *r, struct task *t)
{
    if (is_forking(t))
        proc_children(t->tid, bear_lost, &(struct forking){.r = r, .t = t});
}

static void log_exit(struct recorder *r, struct task *t, int status, bool killed)
{
    Reprise__Exit x = REPRISE__EXIT__INIT;
    x.status = status;
    x.killed = killed;
    struct emit_list out = {0};
    exit_writes_add(r, t, &out);
    x.out = (Reprise__Range **)out.v;
    x.n_out = out.n;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_EXIT;
    e.exit = &x;
    emit_event(r, t, &e);
}

/* Others see what the kernel writes as a task ends: they must be at boundaries then. False: it has
 * to wait for the token. */
static bool may_end_now(struct recorder *r, struct task *t)
{
    struct task *holder = t->group->holder;
    if (holder == t || holder == NULL || holder->state != TASK_USER || !exit_writes_are_seen(t))
        return true;
    if (!holder->call.active || is_forking(holder))
        return false;
    call_log_entry(r, holder); /* it may be waiting for this very end, as exec does */
    return true;
}

static void die(struct recorder *r, struct task *t)
{
    unsigned long status;
    if (tracee_event_message(t->tid, &status) < 0)
        return;
    log_exit(r, t, (int)status, WIFSIGNALED((int)status));
    output_turn_end(r, t);
    t->state = TASK_DYING;
    group_unqueue(t);
    (void)tracee_resume(t->tid, TRACEE_CONT, 0);
    exit_writes_await(r, t);
    group_release_token(r, t);
}

void task_ended_unseen(struct recorder *r, struct task *t, int status)
{
    log_exit(r, t, status, true);
    output_turn_end(r, t);
    t->state = TASK_DYING;
    group_release_token(r, t);
}

void task_end(struct recorder *r, struct task *t)
{
    if (may_end_now(r, t))
        die(r, t);
    else
        group_wait_for_token(r, t, DUE_DEATH);
}

static void at_exit(struct recorder *r, struct task *t)
{
    unsigned long status;
    if (t->state == TASK_USER && !t->call.active && !t->call.restarting && !t->in_exec)
        (void)stub_leave(r, t, false); /* logs the call that it had just made there */
    call_log_last_write(r, t);
    group_unqueue(t); /* whatever else was due is so no longer */
    t->due = DUE_NOTHING;
    find_lost_child(r, t);
    bool held = t->traced != NULL && tracee_event_message(t->tid, &status) == 0 &&
                ptrace_at_exit(r, t, (int)status);
    if (!held)
        task_end(r, t);
}

static void leave_recording(struct recorder *r, struct task *t)
{
    group_leave(r, t);
    task_forget(r, t);
    agenda_bury(r, t);
}

static void at_death(struct recorder *r, struct task *t, int status)
{
    if (t->state != TASK_DYING)
        log_exit(r, t, status, true);
    output_turn_end(r, t);
    if (t->tid == r->root_tid) {
        r->root_status = status;
        r->root_gone = true;
        relay_program_gone(r->relay);
    }
    if (r->ptrace != NULL)
        ptrace_task_gone(r, t, status);
    leave_recording(r, t);
}

/* A thread that is not the leader execs: it gets the leader's tid, and the leader is no more
 * (ptrace(2), "execve(2) under ptrace"). */
static struct task *take_over_process(struct recorder *r, struct task *leader)
{
    unsigned long former;
    leader->tid_before_exec = leader->tid;
    if (tracee_event_message(leader->tid, &former) < 0 || (pid_t)former == leader->tid)
        return leader;
    struct task *t = task_find(r, (pid_t)former);
    if (t == NULL)
        return leader;
    if (leader->state != TASK_DYING)
        log_exit(r, leader, 0, true);
    output_turn_end(r, leader);
    pid_t tid = leader->tid;
    t->tid_before_exec = t->tid;
    ptrace_took_over(r, leader, t);
    leave_recording(r, leader);
    task_rename(r, t, tid);
    return t;
}

/* ---- dispatch ---- */

static void run_due(struct recorder *r, struct task *t)
{
    enum task_due due = t->due;
    bool waited = t->stopped_at != r->n_stops;
    if (waited && due != DUE_DEATH && stops_look_for_death(r, t))
        return;
    t->due = DUE_NOTHING;
    switch (due) {
    case DUE_NOTHING:
        break;
    case DUE_RESUME:
        t->state = TASK_USER;
        task_resume(r, t, 0);
        break;
    case DUE_ENTRY:
        call_enter(r, t);
        break;
    case DUE_EXIT:
        call_log_exit(r, t);
        break;
    case DUE_SIGNAL:
        signals_take_due(r, t);
        break;
    case DUE_TRACED:
        ptrace_take_due(r, t);
        break;
    case DUE_DEATH:
        die(r, t);
        break;
    }
}

static void at_syscall_stop(struct recorder *r, struct task *t)
{
    if (t->in_exec || t->call.active)
        call_at_exit(r, t);
    else
        call_at_entry(r, t);
}

/* SECCOMP_RET_TRACE of the program's own, and nobody of its own that traces: the call fails
 * (seccomp(2)), and the recorder alone knows that it is to. */
static void at_foreign_filter(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) == 0 && (int64_t)regs.orig_rax >= 0) {
        regs.orig_rax = (uint64_t)-1;
        regs.rax = (uint64_t)-ENOSYS;
        (void)tracee_set_regs(t->tid, &regs);
    }
    task_resume(r, t, 0);
}

/* The filter runs behind the syscall-entry stop, which comes only if the task was let go by
 * PTRACE_SYSCALL. */
static void at_seccomp_stop(struct recorder *r, struct task *t)
{
    unsigned long data;
    if (!t->call.active)
        call_at_entry(r, t);
    else if (t->filtered && tracee_event_message(t->tid, &data) == 0 && data != CALL_FILTER_DATA)
        at_foreign_filter(r, t);
    else
        task_resume(r, t, 0);
}

/* True: nothing but the stub was concerned. A fault there is a pointer of the program's that leads
 * nowhere: the kernel shall see for itself. */
static bool take_out_of_stub(struct recorder *r, struct task *t, const struct stop *stop)
{
    siginfo_t info;
    bool anywhere =
        stop->kind == STOP_SIGNAL || stop->kind == STOP_GROUP || stop->kind == STOP_TRAP;
    if (!anywhere || t->call.restarting)
        return false;
    if (stub_leave(r, t, stop->kind == STOP_SIGNAL) == STUB_NOT_THERE ||
        (stop->signo != SIGSEGV && stop->signo != SIGBUS) || stop->kind != STOP_SIGNAL ||
        tracee_get_siginfo(t->tid, &info) < 0 || info.si_code <= 0)
        return false;
    t->signal_imminent = false;
    task_resume(r, t, 0);
    return true;
}

static void dispatch_to(struct recorder *r, struct task *t, int status)
{
    struct stop stop = stop_decode(status);
    t->nudged = false;
    t->stopped_at = r->n_stops;
    if (WIFSTOPPED(status) && t->state == TASK_USER && !t->call.active && !t->in_exec) {
        if (stop.kind == STOP_SYSCALL &&
            (clock_reads_is_silent_call(t) || stub_calls_is_silent_call(t))) {
            (void)tracee_resume(t->tid, TRACEE_SYSCALL, 0);
            return;
        }
        if (stop.kind != STOP_SECCOMP || t->traced != NULL) { /* else call_at_entry does */
            stub_calls_log(r, t);
            clock_reads_log(r, t);
        }
        if (take_out_of_stub(r, t, &stop))
            return;
    }
    t->in_group_stop = stop.kind == STOP_GROUP;
    /* each stop takes the interruption that is due: kernel/signal.c, ptrace_stop */
    t->kicked = t->kicked && stop.kind == STOP_TRAP;
    bool preempted = t->preempting && stop.kind == STOP_TRAP;
    t->preempting = false;
    if (t->traced != NULL && !preempted && ptrace_at_stop(r, t, &stop))
        return;
    switch (stop.kind) {
    case STOP_SYSCALL:
        at_syscall_stop(r, t);
        break;
    case STOP_SIGNAL:
        signals_at_stop(r, t, stop.signo);
        break;
    case STOP_GROUP:
        if (!job_control_stopped(r, t))
            (void)tracee_resume(t->tid, TRACEE_LISTEN, 0);
        break;
    case STOP_FORK:
        at_fork(r, t);
        break;
    case STOP_EXEC:
        t = take_over_process(r, t);
        exec_image_begin(r, t);
        task_resume(r, t, 0);
        break;
    case STOP_EXIT:
        at_exit(r, t);
        break;
    case STOP_TRAP:
        t->kicked = false;
        signals_after_stop(t);
        if (job_control_must_wait(r, t))
            break;
        if (preempted)
            preempt_at_stop(r, t);
        else
            task_resume(r, t, 0);
        break;
    case STOP_SECCOMP:
        at_seccomp_stop(r, t);
        break;
    case STOP_VFORK_DONE:
        task_resume(r, t, 0);
        break;
    case STOP_EXITED:
    case STOP_KILLED:
        at_death(r, t, status);
        break;
    }
}

static void take_stop(struct recorder *r, struct told told)
{
    struct task *t = task_find(r, told.tid);
    if (t != NULL)
        dispatch_to(r, t, told.status);
    else if (WIFSTOPPED(told.status) && !is_child_of_ours(r, told.tid))
        detach_stray(r, told.tid); /* its parent was killed as it forked, and left no trace of it */
    else if (WIFSTOPPED(told.status)) /* a child whose parent's event is still to come */
        map64_put(&r->early, (uint64_t)told.tid, (void *)((uintptr_t)told.status + 1));
}

/* Does what handlers have left to be done. */
static void settle(struct recorder *r)
{
    unsigned what;
    if (r->fds_told != r->fds_generation)
        stub_calls_forget_mapped(r);
    r->fds_told = r->fds_generation;
    for (struct task *t; (t = agenda_next(r, &what)) != NULL;) {
        if ((what & AGENDA_RESUME) != 0)
            go_on(r, t);
        if ((what & AGENDA_QUEUED) != 0)
            job_control_queued(t);
        if ((what & AGENDA_GRANTED) != 0)
            run_due(r, t);
    }
    for (struct task *t; (t = agenda_next_buried(r)) != NULL;)
        task_free(t);
}

/* False: the recording is over. */
static bool dispatch(struct recorder *r, struct told told)
{
    if (told.tid < 0)
        return false;
    if (told.tid > 0) {
        take_stop(r, told);
    } else {
        preempt_look(r);
        unseen_end_look(r);
    }
    settle(r);
    if (relay_stop_requested(r->relay))
        recorder_give_up(r, EINTR, "interrupted");
    if (r->give_up != 0 && !stops_are_left(r)) {
        detach_all(r);
        return false;
    }
    return r->n_alive > 0;
}

void loop_run(struct recorder *r)
{
    preempt_look(r);
    settle(r);
    while (dispatch(r, stops_next(r)))
        ;
}

/* Owns the main loop and what each kind of stop leads to. */
#include "recorder/loop.h"

#include "recorder/agenda.h"
#include "recorder/births.h"
#include "recorder/calls.h"
#include "recorder/clock_reads.h"
#include "recorder/detach.h"
#include "recorder/ending.h"
#include "recorder/exec_image.h"
#include "recorder/group.h"
#include "recorder/job_control.h"
#include "recorder/preempt.h"
#include "recorder/ptrace_go_on.h"
#include "recorder/ptrace_stops.h"
#include "recorder/relay.h"
#include "recorder/signals.h"
#include "recorder/standstill.h"
#include "recorder/stops.h"
#include "recorder/stub_calls.h"
#include "recorder/stub_leave.h"
#include "recorder/task_control.h"
#include "recorder/task_parts.h"
#include "recorder/tasks.h"
#include "recorder/unseen_end.h"
#include "task/call_filter.h"
#include "task/made_calls.h"
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
                             : stops_by_filter(r, t) && !t->call.active && t->state != TASK_IN_EXEC
                                 ? TRACEE_CONT
                                 : TRACEE_SYSCALL;
    t->boundary_time = r->last_time;
    if (!t->call.active)
        stub_calls_before_run(r, t);
    int err = tracee_resume(t->tid, how, t->todo.signo);
    if (err < 0)
        task_lost(r, t, err);
    if (t->call.early)
        call_log_early_writes(r, t);
}

/* Who goes on within a call that may wait has no need of the token. */
static void go_on(struct recorder *r, struct task *t)
{
    if (r->give_up != 0)
        t->todo.was_to_be_resumed = true; /* it is let go where it stands, with this signal */
    else if (t->traced == NULL || !ptrace_holds(r, t)) /* else its own tracer will let it go */
        resume(r, t);
    if (t->todo.signo_behind != 0)
        syscall(NR_TGKILL, t->pid, t->tid, t->todo.signo_behind);
    t->todo.signo_behind = 0;
    if (t->todo.interrupt_behind)
        (void)tracee_interrupt(t->tid);
    t->todo.interrupt_behind = false;
    if (t->state == TASK_IN_CALL)
        group_release_token(r, t);
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
        task_set_state(r, t, TASK_USER);
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
        ending_die(r, t);
        break;
    }
}

static void at_syscall_stop(struct recorder *r, struct task *t)
{
    if (t->state == TASK_IN_EXEC || t->call.active)
        call_at_exit(r, t);
    else
        call_at_entry(r, t);
}

/* SECCOMP_RET_TRACE of the program's own, and nobody of its own that traces: the call fails
 * (seccomp(2)), and the recorder alone knows that it is to. */
static void at_foreign_filter(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (task_get_regs(r, t, &regs) && regs_number(&regs) >= 0) {
        regs_leave_call(&regs);
        regs_set_result(&regs, -ENOSYS);
        (void)task_set_regs(r, t, &regs);
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
    else if (t->filtered && task_event_message(r, t, &data) && data != CALL_FILTER_DATA)
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
    t->signals.imminent = false;
    task_resume(r, t, 0);
    return true;
}

static void dispatch_to(struct recorder *r, struct task *t, int status)
{
    struct stop stop = stop_decode(status);
    t->slice.nudged = false;
    t->stopped_at = r->n_stops;
    if (WIFSTOPPED(status) && t->state == TASK_USER && !t->call.active) {
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
    bool preempted = t->slice.preempting && stop.kind == STOP_TRAP;
    t->slice.preempting = false;
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
        births_at_fork(r, t);
        break;
    case STOP_EXEC:
        t = ending_take_over(r, t);
        exec_image_begin(r, t);
        task_resume(r, t, 0);
        break;
    case STOP_EXIT:
        ending_at_exit(r, t);
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
        ending_at_death(r, t, status);
        break;
    }
}

static void take_stop(struct recorder *r, struct told told)
{
    struct task *t = task_find(r, told.tid);
    if (t != NULL)
        dispatch_to(r, t, told.status);
    else if (WIFSTOPPED(told.status) && !births_is_child_of_ours(r, told.tid))
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
            job_control_queued(r, t);
        if ((what & AGENDA_DUE) != 0)
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
        standstill_look(r);
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

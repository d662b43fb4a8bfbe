/* Owns which stops of a traced task its own tracer sees, and in which order.
 *
 * Of what the kernel would show, the order is that of ptrace(2), "Stopped states". */
#include "recorder/ptrace_stops.h"

#include "base/no_memory.h"
#include "recorder/early_writes.h"
#include "recorder/emit.h"
#include "recorder/group.h"
#include "recorder/job_control.h"
#include "recorder/preempt.h"
#include "recorder/ptrace_let_go.h"
#include "recorder/ptrace_show.h"
#include "recorder/scratch.h"
#include "recorder/signal_delivery.h"
#include "recorder/spawn.h"
#include "task/call_filter.h"
#include "task/proc.h"

#include <assert.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENTRY_MESSAGE 1 /* PTRACE_EVENTMSG_SYSCALL_ENTRY */
#define EXIT_MESSAGE  2

/* ---- stops of the kernel ---- */

static struct ptrace_stop syscall_stop(const struct task *t, bool entry)
{
    bool good = ptrace_wants(t->traced, PTRACE_O_TRACESYSGOOD);
    int signo = good ? SIGTRAP | 0x80 : SIGTRAP;
    struct ptrace_stop s = {.kind = entry ? PTRACE_STOP_ENTRY : PTRACE_STOP_EXIT,
                            .status = EVENT_STATUS(0, signo),
                            .has_info = true,
                            .message = entry ? ENTRY_MESSAGE : EXIT_MESSAGE};
    s.info.si_signo = SIGTRAP;
    s.info.si_code = signo;
    s.info.si_pid = t->tid;
    return s;
}

/* An exec is shown at its exit stop, where the new image is logged. */
static void enqueue_exec(struct task *t)
{
    struct traced *d = t->traced;
    d->options_new = d->options != 0; /* the recorder's handling of an exec sets its own */
    if (ptrace_wants(d, PTRACE_O_TRACEEXEC))
        ptrace_enqueue(
            t, ptrace_event_stop(t, PTRACE_EVENT_EXEC, SIGTRAP, (unsigned long)t->tid_before_exec));
    ptrace_enqueue(t, syscall_stop(t, false));
    if (!ptrace_wants(d, PTRACE_O_TRACEEXEC) && !d->seized)
        ptrace_enqueue(t, ptrace_made_up_stop(t, SIGTRAP, SI_USER));
}

static bool at_syscall_stop(struct recorder *r, struct task *t)
{
    struct traced *d = t->traced;
    if (t->state == TASK_IN_EXEC) {
        enqueue_exec(t);
    } else if (t->call.active) {
        if (t->call.nullified) /* the tracer finds the number of the call, not ours */
            tracee_set_reg(t->tid, REGS_NUMBER, (uint64_t)t->call.call.nr);
        ptrace_enqueue(t, syscall_stop(t, false));
    } else if (d->mode == PTRACE_MODE_SYSCALL && t->signals.held == NULL) {
        if (!scratch_provide(r, t))
            return true; /* it comes here again */
        struct ptrace_stop s = syscall_stop(t, true);
        ptrace_show(r, t, &s, true);
        return true;
    }
    return false;
}

static bool show_event(struct recorder *r, struct task *t, const struct stop *stop)
{
    unsigned long message = 0;
    if (stop->event != PTRACE_EVENT_STOP)
        tracee_event_message(t->tid, &message);
    struct ptrace_stop s = ptrace_event_stop(t, stop->event, stop->signo, message);
    bool stops = stop->kind == STOP_GROUP && job_control_is_at_boundary(t);
    ptrace_show(r, t, &s, t->call.active || t->call.restarting || stops);
    return true;
}

static bool is_our_filter(const struct task *t)
{
    unsigned long data;
    return tracee_event_message(t->tid, &data) == 0 && data == CALL_FILTER_DATA;
}

static bool at_group_stop(struct recorder *r, struct task *t, const struct stop *stop)
{
    if (t->traced->seized)
        return show_event(r, t, stop);
    struct ptrace_stop s = {.kind = PTRACE_STOP_GROUP, .status = EVENT_STATUS(0, stop->signo)};
    ptrace_show(r, t, &s, t->call.active || job_control_is_at_boundary(t));
    return true;
}

static void at_fork(struct task *t, const struct stop *stop)
{
    static const uint32_t options[] = {
        [PTRACE_EVENT_FORK] = PTRACE_O_TRACEFORK,
        [PTRACE_EVENT_VFORK] = PTRACE_O_TRACEVFORK,
        [PTRACE_EVENT_CLONE] = PTRACE_O_TRACECLONE,
    };
    unsigned long message;
    if (ptrace_wants(t->traced, options[stop->event]) &&
        (t->birth.clone_flags & CLONE_UNTRACED) == 0 && tracee_event_message(t->tid, &message) == 0)
        ptrace_enqueue(t, ptrace_event_stop(t, stop->event, SIGTRAP, message));
}

bool ptrace_at_stop(struct recorder *r, struct task *t, const struct stop *stop)
{
    struct traced *d = t->traced;
    d->stop.kind = PTRACE_STOP_NONE; /* killed out of it, if there was one */
    if (d->options_new) {
        d->options_new = false;
        ptrace_apply_options(t);
    }
    switch (stop->kind) {
    case STOP_SYSCALL:
        return at_syscall_stop(r, t);
    case STOP_GROUP:
        return at_group_stop(r, t, stop);
    case STOP_TRAP:
        if (t->kicked || !d->seized) {
            t->kicked = false;
            return false;
        }
        return show_event(r, t, stop);
    case STOP_FORK:
        at_fork(t, stop);
        return false;
    case STOP_VFORK_DONE:
        return ptrace_wants(d, PTRACE_O_TRACEVFORKDONE) && show_event(r, t, stop);
    case STOP_SECCOMP:
        if (is_our_filter(t)) /* the first stop of the call, if it was let go by PTRACE_CONT */
            return !t->call.active && at_syscall_stop(r, t);
        /* of a call that the recorder answers, the filter has seen another number */
        return ptrace_wants(d, PTRACE_O_TRACESECCOMP) && !t->call.nullified &&
               show_event(r, t, stop);
    case STOP_SIGNAL:
    case STOP_EXEC:
    case STOP_EXIT:
    case STOP_EXITED:
    case STOP_KILLED:
        break;
    }
    return false;
}

bool ptrace_at_exit(struct recorder *r, struct task *t, int status)
{
    struct traced *d = t->traced;
    d->child_of_tracer = ptrace_is_child(t, d->tracer);
    d->n_queue = 0;
    if (!ptrace_wants(d, PTRACE_O_TRACEEXIT))
        return false;
    struct ptrace_stop s = ptrace_event_stop(t, PTRACE_EVENT_EXIT, SIGTRAP, (unsigned long)status);
    s.kind = PTRACE_STOP_DYING;
    ptrace_show(r, t, &s, true);
    return true;
}

bool ptrace_holds(struct recorder *r, struct task *t)
{
    struct traced *d = t->traced;
    while (d->n_queue > 0 && !t->call.active) {
        struct ptrace_stop s = d->queue[0];
        memmove(d->queue, d->queue + 1, --d->n_queue * sizeof s);
        if (s.kind == PTRACE_STOP_EXIT && d->mode == PTRACE_MODE_STEP)
            s = ptrace_made_up_stop(t, SIGTRAP, TRAP_BRKPT);
        else if (s.kind == PTRACE_STOP_EXIT && d->mode != PTRACE_MODE_SYSCALL)
            continue;
        ptrace_show(r, t, &s, true);
        return true;
    }
    if (d->n_queue > 0 && d->queue[0].kind == PTRACE_STOP_EVENT) { /* within fork */
        struct ptrace_stop s = d->queue[0];
        d->n_queue = 0;
        /* others run before the call ends, and may read the child's tid */
        if (t->group->n_tasks > 1)
            early_writes_log(r, t, (int64_t)s.message);
        ptrace_show(r, t, &s, true);
        return true;
    }
    if (d->interrupted) /* the stop at hand, which its tracer does not see, took it */
        tracee_interrupt(t->tid);
    return false;
}

/* ---- single steps ---- */

static bool is_at_call(const struct task *t)
{
    struct user_regs_struct regs;
    uint8_t code[2];
    if (tracee_get_regs(t->tid, &regs) < 0 || tracee_read_all(t->tid, regs_ip(&regs), code, 2) < 0)
        return false;
    return (code[0] == 0x0f && (code[1] == 0x05 || code[1] == 0x34)) ||
           (code[0] == 0xcd && code[1] == 0x80); /* syscall, sysenter, int 0x80 */
}

/* A single step over a syscall instruction would keep the call from the recorder. */
enum tracee_resume ptrace_resume_how(const struct task *t)
{
    bool in_call = t->call.active || t->call.restarting || t->state == TASK_IN_EXEC;
    if (t->traced->mode != PTRACE_MODE_STEP || in_call || is_at_call(t))
        return TRACEE_SYSCALL;
    return TRACEE_STEP;
}

static void log_step(struct recorder *r, struct task *t, const struct user_regs_struct *regs)
{
    Reprise__Step step = REPRISE__STEP__INIT;
    step.ip = regs_ip(regs);
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_STEP;
    e.step = &step;
    emit_event(r, t, &e);
    t->regs = *regs;
    t->signals.imminent = false;
}

/* ---- signals ---- */

/* Others of the group may have to run while its tracer keeps the task, which has stopped in the
 * midst of computing: it is brought to a place that replay finds. True: it stands there, at the
 * delivery stop of the signal. False: it did something else, and gets the signal once more. */
static bool stop_at_place(struct recorder *r, struct task *t, const siginfo_t *info)
{
    bool there = preempt_make_point(r, t);
    if (!there)
        t->todo.signo_behind = info->si_signo;
    return there && tracee_set_siginfo(t->tid, info) == 0;
}

static bool computes_among_others(const struct task *t)
{
    return t->group->n_tasks > 1 && group_has_token(t) && t->state == TASK_USER &&
           t->traced->mode != PTRACE_MODE_STEP;
}

bool ptrace_at_signal(struct recorder *r, struct task *t, const siginfo_t *info, bool fault,
                      const struct user_regs_struct *regs)
{
    struct traced *d = t->traced;
    if (d->let_pass == info->si_signo) {
        d->let_pass = 0;
        return false;
    }
    struct ptrace_stop s = {.kind = PTRACE_STOP_SIGNAL,
                            .status = EVENT_STATUS(0, info->si_signo),
                            .has_info = true,
                            .info = *info,
                            .message = d->message};
    if (d->attach_pending && info->si_signo == SIGSTOP) {
        d->attach_pending = false;
        s.info.si_code = SI_KERNEL;
        s.info.si_pid = 0;
        s.info.si_uid = 0;
        tracee_set_siginfo(t->tid, &s.info);
    }
    bool stepped =
        d->mode == PTRACE_MODE_STEP && info->si_signo == SIGTRAP && info->si_code == TRAP_TRACE;
    bool untouched = regs_same_place(regs, &t->regs);
    bool boundary = fault || t->call.restarting || (t->signals.imminent && untouched) ||
                    (d->mode == PTRACE_MODE_STEP && untouched);
    if (stepped)
        log_step(r, t, regs);
    else if (fault)
        signals_log_fault(r, t, info, regs);
    else if (!boundary && computes_among_others(t)) {
        if (!stop_at_place(r, t, info))
            return true;
        boundary = true;
    }
    ptrace_show(r, t, &s, stepped || boundary);
    return true;
}

/* Owns when a recorded task takes a signal, and the event that it makes. A signal that comes while
 * the task computes is held until its next syscall entry: only there replay finds the place again.
 * One that is pending when a call ends, or that interrupts a call, is at a boundary already. */
#include "recorder/signals.h"

#include "base/no_memory.h"
#include "recorder/agenda.h"
#include "recorder/call_exit.h"
#include "recorder/code_watch.h"
#include "recorder/group.h"
#include "recorder/job_control.h"
#include "recorder/preempt.h"
#include "recorder/probe_calls.h"
#include "recorder/ptrace_show.h"
#include "recorder/ptrace_stops.h"
#include "recorder/signal_delivery.h"
#include "recorder/signal_order.h"
#include "recorder/signal_state.h"
#include "recorder/task_control.h"
#include "recorder/traps.h"
#include "task/proc.h"
#include "task/stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/ucontext.h>

/* Raised by the instruction itself, so that replay meets it by itself. SIGSYS is not: it comes
 * from a seccomp filter at the end of a call. */
static bool is_fault(int signo, const siginfo_t *info)
{
    bool kind = signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL ||
                signo == SIGTRAP;
    return kind && info->si_code > 0;
}

/* ---- stops ---- */

void signals_take_due(struct recorder *r, struct task *t)
{
    siginfo_t info;
    if (tracee_get_siginfo(t->tid, &info) < 0)
        return;
    uint64_t ip = regs_ip(&t->call.regs);
    call_log_interrupted(r, t);
    signals_deliver(r, t, &info, REPRISE__SIGNAL__AT__BOUNDARY, ip);
}

/* No instruction was executed since the last boundary. */
static bool is_untouched(const struct task *t, const struct user_regs_struct *regs)
{
    return regs_same_place(regs, &t->regs);
}

void signals_after_stop(struct task *t)
{
    if (t->signals.stopped_at_boundary)
        t->signals.imminent = signals_are_pending(t);
    t->signals.stopped_at_boundary = false;
}

static void take_handled(struct recorder *r, struct task *t, const siginfo_t *info, bool fault,
                         const struct user_regs_struct *regs)
{
    if (fault) {
        signals_deliver(r, t, info, REPRISE__SIGNAL__AT__FAULT, regs_ip(regs));
        return;
    }
    if (t->call.restarting) {
        if (group_has_token(t))
            signals_take_due(r, t);
        else
            group_wait_for_token(r, t, DUE_SIGNAL);
        return;
    }
    if (t->signals.imminent && is_untouched(t, regs)) {
        signals_deliver(r, t, info, REPRISE__SIGNAL__AT__BOUNDARY, regs_ip(regs));
        return;
    }
    signals_hold(t, info);
    preempt_for_signal(r, t);
}

void signals_at_stop(struct recorder *r, struct task *t, int signo)
{
    siginfo_t info;
    struct user_regs_struct regs;
    if (tracee_get_siginfo(t->tid, &info) < 0 || !task_get_regs(r, t, &regs))
        return;
    if (signals_put_in_order(t, &info) && tracee_set_siginfo(t->tid, &info) < 0)
        return;
    if (t->call.restarting) /* the kernel's own notion may be another: stub_calls.h */
        regs_set_ip(&regs, regs_ip(&t->call.regs));
    if (signo == SIGSEGV && code_watch_take_fetch(r, t, &info, &regs))
        return;
    if ((signo == SIGSEGV || signo == SIGTRAP) && traps_take(r, t, &info, &regs))
        return;
    if (signo == SIGCONT)
        job_control_continued(r, t);
    if (signo == SIGILL && probe_calls_take(r, t, &regs))
        return;
    bool fault = is_fault(signo, &info);
    if (r->ptrace != NULL && signo == SIGCHLD)
        ptrace_fix_sigchld(r, t, &info);
    if (t->traced != NULL && ptrace_at_signal(r, t, &info, fault, &regs))
        return;
    switch (signals_disposition(t, signo)) {
    case DISPOSITION_HANDLER:
        take_handled(r, t, &info, fault, &regs);
        break;
    case DISPOSITION_IGNORED:
        if (job_control_put_off(r, t, &info)) {
            task_resume(r, t, 0);
            return;
        }
        t->signals.stopped_at_boundary = t->signals.imminent && is_untouched(t, &regs);
        t->signals.imminent = t->signals.imminent && signals_are_pending(t);
        task_resume(r, t, signo);
        break;
    case DISPOSITION_FATAL:
        signals_die(r, t, &info, fault, regs_ip(&regs));
        break;
    }
}

void signals_take(struct recorder *r, struct task *t, const siginfo_t *info, bool at_boundary)
{
    struct user_regs_struct regs;
    if (at_boundary && !t->call.restarting) {
        signals_take_here(r, t, info);
        return;
    }
    if (!task_get_regs(r, t, &regs))
        return;
    switch (signals_disposition(t, info->si_signo)) {
    case DISPOSITION_HANDLER:
        take_handled(r, t, info, false, &regs);
        break;
    case DISPOSITION_IGNORED:
        t->signals.stopped_at_boundary = false;
        t->signals.imminent = t->signals.imminent && signals_are_pending(t);
        task_resume(r, t, info->si_signo);
        break;
    case DISPOSITION_FATAL:
        signals_die(r, t, info, false, regs_ip(&regs));
        break;
    }
}

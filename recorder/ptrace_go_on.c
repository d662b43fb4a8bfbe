/* Owns how a task goes on from the stop that its own tracer has ended. */
#include "recorder/ptrace_go_on.h"

#include "recorder/agenda.h"
#include "recorder/call_facts.h"
#include "recorder/calls.h"
#include "recorder/ending.h"
#include "recorder/job_control.h"
#include "recorder/ptrace_regs.h"
#include "recorder/ptrace_show.h"
#include "recorder/signal_state.h"
#include "recorder/signals.h"
#include "task/made_calls.h"

#include <string.h>

/* The kernel would take up an interrupted call again, which was logged as over: what it would do
 * is done here (arch/x86/kernel/signal.c, arch_do_signal_or_restart). */
static void restart_cut_call(struct recorder *r, struct task *t)
{
    struct user_regs_struct before, regs;
    t->traced->call_was_cut = false;
    if (tracee_get_regs(t->tid, &before) < 0)
        return;
    regs = before;
    if (regs_number(&regs) < 0 || !call_is_restart(regs_result(&regs)))
        return;
    regs_rewind(&regs, regs_result(&regs) == -516 ? NR_RESTART_SYSCALL : regs_number(&regs));
    if (tracee_set_regs(t->tid, &regs) == 0)
        ptrace_log_regs(r, t, &before);
}

/* From a place that replay finds: what is pending is taken before any instruction. Else it would be
 * a stop in the midst of computing, and the token stay with a task that its tracer keeps, while
 * another of whom the tracer wants something waits for it. */
static void resume_without_signal(struct recorder *r, struct task *t)
{
    bool at_place = t->signals.imminent || (t->traced->at_boundary && !t->call.active);
    t->signals.imminent = at_place && signals_are_pending(t);
    task_resume(r, t, 0);
}

static void signal_decided(struct recorder *r, struct task *t, int signo)
{
    struct traced *d = t->traced;
    if (d->call_was_cut && !(signo != 0 && signals_have_handler(t, signo)))
        restart_cut_call(r, t);
    siginfo_t info;
    if (signo == 0 || tracee_get_siginfo(t->tid, &info) < 0) {
        resume_without_signal(r, t);
        return;
    }
    if (info.si_signo != signo) {
        memset(&info, 0, sizeof info);
        info.si_signo = signo;
        info.si_code = SI_USER;
        info.si_pid = d->tracer != NULL ? d->tracer->pid : 0;
        tracee_set_siginfo(t->tid, &info);
    }
    if (signals_stops(t, &info) && job_control_put_off(r, t, &info))
        task_resume(r, t, 0);
    else
        signals_take(r, t, &info, d->at_boundary);
}

static void go_on_from(struct recorder *r, struct task *t, enum ptrace_stop_kind kind, int signo)
{
    switch (kind) {
    case PTRACE_STOP_NONE:
        break;
    case PTRACE_STOP_ENTRY:
        if (!t->call.restarting) /* which goes on without the token */
            task_set_state(r, t, TASK_USER);
        call_at_entry(r, t);
        break;
    case PTRACE_STOP_SIGNAL:
        signal_decided(r, t, signo);
        break;
    case PTRACE_STOP_DYING:
        ending_end(r, t);
        break;
    case PTRACE_STOP_EXIT:
    case PTRACE_STOP_MADE_UP:
    case PTRACE_STOP_EVENT:
    case PTRACE_STOP_GROUP:
        if (t->traced->call_was_cut)
            restart_cut_call(r, t);
        resume_without_signal(r, t);
        break;
    }
}

void ptrace_take_due(struct recorder *r, struct task *t)
{
    struct traced *d = t->traced;
    bool had_to_wait = t->state == TASK_READY || t->state == TASK_HELD;
    if (had_to_wait && d->left != PTRACE_STOP_DYING)
        task_set_state(r, t, TASK_USER);
    go_on_from(r, t, d->left, d->left_with);
    if (d->leaving)
        ptrace_unlink(r, t);
}

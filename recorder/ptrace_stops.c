/* Owns the stops that a traced task shows to its own tracer: which there are, in which order, how
 * the tracer is told, and how the task goes on. The task is stopped for the recorder all the while.
 *
 * Of what the kernel would show, the order is that of ptrace(2), "Stopped states". */
#include "recorder/ptrace_stops.h"

#include "base/no_memory.h"
#include "recorder/agenda.h"
#include "recorder/call_facts.h"
#include "recorder/calls.h"
#include "recorder/early_writes.h"
#include "recorder/emit.h"
#include "recorder/group.h"
#include "recorder/hot_reads.h"
#include "recorder/job_control.h"
#include "recorder/loop.h"
#include "recorder/poke.h"
#include "recorder/preempt.h"
#include "recorder/ptrace_regs.h"
#include "recorder/ptrace_wait.h"
#include "recorder/scratch.h"
#include "recorder/signal_delivery.h"
#include "recorder/signal_state.h"
#include "recorder/signals.h"
#include "recorder/spawn.h"
#include "recorder/stub_calls.h"
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

#define EVENT_STATUS(event, signo) ((event) << 16 | (signo) << 8 | 0x7f)
#define ENTRY_MESSAGE              1 /* PTRACE_EVENTMSG_SYSCALL_ENTRY */
#define EXIT_MESSAGE               2

static struct ptrace_world *world(struct recorder *r)
{
    if (r->ptrace == NULL)
        r->ptrace = calloc(1, sizeof *r->ptrace);
    if (r->ptrace == NULL)
        no_memory();
    return r->ptrace;
}

/* ---- who traces whom ---- */

static pid_t parent_of(pid_t tid)
{
    struct proc_stat stat;
    return proc_stat(tid, &stat) ? stat.parent : 0;
}

static bool is_child(const struct task *t, const struct task *tracer)
{
    return t->tid == t->pid && parent_of(t->tid) == tracer->pid;
}

void ptrace_attach(struct recorder *r, struct task *t, struct task *tracer, bool seized)
{
    assert(t->traced == NULL);
    t->traced = calloc(1, sizeof *t->traced);
    if (t->traced == NULL)
        no_memory();
    if (t->space != NULL)       /* else it is being born, and its parent was traced before */
        stub_calls_turn_off(t); /* its tracer sees its code, and steps through it */
    t->traced->tracer = tracer;
    t->traced->seized = seized;
    t->traced->child_of_tracer = is_child(t, tracer);
    world(r)->n_traced++;
}

void ptrace_unlink(struct recorder *r, struct task *t)
{
    free(t->traced);
    t->traced = NULL;
    r->ptrace->n_traced--;
}

static struct ptrace_stop event_stop(const struct task *t, int event, int signo,
                                     unsigned long message)
{
    struct ptrace_stop s = {.kind = PTRACE_STOP_EVENT,
                            .status = EVENT_STATUS(event, signo),
                            .has_info = true,
                            .message = message};
    s.info.si_signo = signo;
    s.info.si_code = event << 8 | signo;
    s.info.si_pid = t->tid;
    return s;
}

static struct ptrace_stop made_up_stop(const struct task *t, int signo, int code)
{
    struct ptrace_stop s = {
        .kind = PTRACE_STOP_MADE_UP, .status = EVENT_STATUS(0, signo), .has_info = true};
    s.info.si_signo = signo;
    s.info.si_code = code;
    if (code == SI_USER)
        s.info.si_pid = t->tid;
    return s;
}

static void enqueue(struct task *t, struct ptrace_stop s)
{
    struct traced *d = t->traced;
    if (d->n_queue < sizeof d->queue / sizeof d->queue[0])
        d->queue[d->n_queue++] = s;
}

static bool wants(const struct traced *d, uint32_t option)
{
    return (d->options & option) != 0;
}

static uint32_t option_of_birth(uint64_t flags)
{
    if ((flags & CLONE_VFORK) != 0)
        return PTRACE_O_TRACEVFORK;
    return (flags & CSIGNAL) == SIGCHLD || flags == 0 ? PTRACE_O_TRACEFORK : PTRACE_O_TRACECLONE;
}

void ptrace_child_born(struct recorder *r, struct task *parent, struct task *child)
{
    struct traced *d = parent->traced;
    uint64_t flags = parent->clone_flags;
    if ((flags & CLONE_UNTRACED) != 0)
        return;
    if (!wants(d, option_of_birth(flags)) && (flags & CLONE_PTRACE) == 0)
        return;
    ptrace_attach(r, child, d->tracer, d->seized);
    struct traced *c = child->traced;
    c->options = d->options;
    enqueue(child, d->seized ? event_stop(child, PTRACE_EVENT_STOP, SIGTRAP, 0)
                             : made_up_stop(child, SIGSTOP, SI_USER));
}

/* ---- telling the tracer ---- */

static void send_sigchld(struct recorder *r, const struct task *t, const siginfo_t *info)
{
    struct task *tracer = t->traced->tracer;
    if (!signals_matter(tracer, SIGCHLD))
        return;
    struct map64 *notices = &world(r)->notices;
    siginfo_t *notice = map64_get(notices, (uint64_t)tracer->pid);
    if (notice == NULL) {
        notice = calloc(1, sizeof *notice);
        if (notice == NULL || map64_put(notices, (uint64_t)tracer->pid, notice) < 0)
            no_memory();
    }
    *notice = *info;
    kill(tracer->pid, SIGCHLD);
}

static void tell(struct recorder *r, struct task *t)
{
    struct traced *d = t->traced;
    d->reported = false;
    d->stop_number = ++world(r)->n_stops;
    d->message = d->stop.message;
    siginfo_t info = {.si_signo = SIGCHLD, .si_code = CLD_TRAPPED};
    info.si_pid = t->tid;
    info.si_status = d->stop.status >> 8 & 0x7f;
    ptrace_wait_wake(r, t);
    send_sigchld(r, t, &info);
}

/* At a boundary others of the group may run meanwhile. */
static void show(struct recorder *r, struct task *t, const struct ptrace_stop *s, bool at_boundary)
{
    t->traced->stop = *s;
    t->traced->interrupted = false;
    t->traced->at_boundary = at_boundary;
    if (at_boundary && group_has_token(t))
        hot_reads_stop(r, t, false); /* its tracer steps through what it executes */
    if (at_boundary && t->group->n_tasks > 1 && group_has_token(t)) {
        if (s->kind == PTRACE_STOP_ENTRY)
            poke_nothing(r, t);
        /* within a call it needs no token to go on, but a fork that was interrupted has made
         * nothing yet (kernel/fork.c, copy_process: ERESTARTNOINTR) */
        bool in_call = t->call.active || (t->call.restarting && call_may_wait(r, t));
        t->state = in_call ? TASK_IN_CALL : TASK_HELD;
        group_release_token(r, t);
    }
    tell(r, t);
}

void ptrace_fix_sigchld(struct recorder *r, struct task *t, siginfo_t *info)
{
    const siginfo_t *notice = map64_get(&r->ptrace->notices, (uint64_t)t->pid);
    if (info->si_code != SI_USER || info->si_pid != getpid() || notice == NULL)
        return;
    *info = *notice;
    tracee_set_siginfo(t->tid, info);
}

/* ---- stops of the kernel ---- */

static struct ptrace_stop syscall_stop(const struct task *t, bool entry)
{
    bool good = wants(t->traced, PTRACE_O_TRACESYSGOOD);
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
    if (wants(d, PTRACE_O_TRACEEXEC))
        enqueue(t, event_stop(t, PTRACE_EVENT_EXEC, SIGTRAP, (unsigned long)t->tid_before_exec));
    enqueue(t, syscall_stop(t, false));
    if (!wants(d, PTRACE_O_TRACEEXEC) && !d->seized)
        enqueue(t, made_up_stop(t, SIGTRAP, SI_USER));
}

static bool at_syscall_stop(struct recorder *r, struct task *t)
{
    struct traced *d = t->traced;
    if (t->in_exec) {
        enqueue_exec(t);
    } else if (t->call.active) {
        if (t->call.nullified) /* the tracer finds the number of the call, not ours */
            tracee_set_reg(t->tid, REG_INDEX(orig_rax), (uint64_t)t->call.call.nr);
        enqueue(t, syscall_stop(t, false));
    } else if (d->mode == PTRACE_MODE_SYSCALL && t->held == NULL) {
        if (!scratch_provide(r, t))
            return true; /* it comes here again */
        struct ptrace_stop s = syscall_stop(t, true);
        show(r, t, &s, true);
        return true;
    }
    return false;
}

static bool show_event(struct recorder *r, struct task *t, const struct stop *stop)
{
    unsigned long message = 0;
    if (stop->event != PTRACE_EVENT_STOP)
        tracee_event_message(t->tid, &message);
    struct ptrace_stop s = event_stop(t, stop->event, stop->signo, message);
    bool stops = stop->kind == STOP_GROUP && job_control_is_at_boundary(t);
    show(r, t, &s, t->call.active || t->call.restarting || stops);
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
    show(r, t, &s, t->call.active || job_control_is_at_boundary(t));
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
    if (wants(t->traced, options[stop->event]) && (t->clone_flags & CLONE_UNTRACED) == 0 &&
        tracee_event_message(t->tid, &message) == 0)
        enqueue(t, event_stop(t, stop->event, SIGTRAP, message));
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
        return wants(d, PTRACE_O_TRACEVFORKDONE) && show_event(r, t, stop);
    case STOP_SECCOMP:
        if (is_our_filter(t)) /* the first stop of the call, if it was let go by PTRACE_CONT */
            return !t->call.active && at_syscall_stop(r, t);
        /* of a call that the recorder answers, the filter has seen another number */
        return wants(d, PTRACE_O_TRACESECCOMP) && !t->call.nullified && show_event(r, t, stop);
    case STOP_SIGNAL:
    case STOP_EXEC:
    case STOP_EXIT:
    case STOP_EXITED:
    case STOP_KILLED:
        break;
    }
    return false;
}

void ptrace_took_over(struct recorder *r, struct task *leader, struct task *t)
{
    bool is_tracers_child = leader->traced != NULL && leader->traced->child_of_tracer;
    if (leader->traced != NULL)
        ptrace_unlink(r, leader); /* its tracer hears nothing of its end: ptrace(2) */
    if (t->traced != NULL)
        t->traced->child_of_tracer = is_tracers_child;
}

bool ptrace_at_exit(struct recorder *r, struct task *t, int status)
{
    struct traced *d = t->traced;
    d->child_of_tracer = is_child(t, d->tracer);
    d->n_queue = 0;
    if (!wants(d, PTRACE_O_TRACEEXIT))
        return false;
    struct ptrace_stop s = event_stop(t, PTRACE_EVENT_EXIT, SIGTRAP, (unsigned long)status);
    s.kind = PTRACE_STOP_DYING;
    show(r, t, &s, true);
    return true;
}

bool ptrace_holds(struct recorder *r, struct task *t)
{
    struct traced *d = t->traced;
    while (d->n_queue > 0 && !t->call.active) {
        struct ptrace_stop s = d->queue[0];
        memmove(d->queue, d->queue + 1, --d->n_queue * sizeof s);
        if (s.kind == PTRACE_STOP_EXIT && d->mode == PTRACE_MODE_STEP)
            s = made_up_stop(t, SIGTRAP, TRAP_BRKPT);
        else if (s.kind == PTRACE_STOP_EXIT && d->mode != PTRACE_MODE_SYSCALL)
            continue;
        show(r, t, &s, true);
        return true;
    }
    if (d->n_queue > 0 && d->queue[0].kind == PTRACE_STOP_EVENT) { /* within fork */
        struct ptrace_stop s = d->queue[0];
        d->n_queue = 0;
        /* others run before the call ends, and may read the child's tid */
        if (t->group->n_tasks > 1)
            early_writes_log(r, t, (int64_t)s.message);
        show(r, t, &s, true);
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
    if (tracee_get_regs(t->tid, &regs) < 0 || tracee_read_all(t->tid, regs.rip, code, 2) < 0)
        return false;
    return (code[0] == 0x0f && (code[1] == 0x05 || code[1] == 0x34)) ||
           (code[0] == 0xcd && code[1] == 0x80); /* syscall, sysenter, int 0x80 */
}

/* A single step over a syscall instruction would keep the call from the recorder. */
enum tracee_resume ptrace_resume_how(const struct task *t)
{
    bool in_call = t->call.active || t->call.restarting || t->in_exec;
    if (t->traced->mode != PTRACE_MODE_STEP || in_call || is_at_call(t))
        return TRACEE_SYSCALL;
    return TRACEE_STEP;
}

void ptrace_did_step(struct task *t)
{
    struct user_regs_struct regs;
    if (t->traced->mode != PTRACE_MODE_STEP)
        return;
    struct ptrace_stop s = made_up_stop(t, SIGTRAP, TRAP_TRACE);
    if (tracee_get_regs(t->tid, &regs) == 0)
        s.info.si_addr = (void *)regs.rip;
    enqueue(t, s);
}

static void log_step(struct recorder *r, struct task *t, const struct user_regs_struct *regs)
{
    Reprise__Step step = REPRISE__STEP__INIT;
    step.ip = regs->rip;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_STEP;
    e.step = &step;
    emit_event(r, t, &e);
    t->regs = *regs;
    t->signal_imminent = false;
}

/* ---- signals ---- */

/* Others of the group may have to run while its tracer keeps the task, which has stopped in the
 * midst of computing: it is brought to a place that replay finds. True: it stands there, at the
 * delivery stop of the signal. False: it did something else, and gets the signal once more. */
static bool stop_at_place(struct recorder *r, struct task *t, const siginfo_t *info)
{
    bool there = preempt_make_point(r, t);
    if (!there)
        t->signo_behind_resume = info->si_signo;
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
    bool untouched = regs->rip == t->regs.rip && regs->rsp == t->regs.rsp;
    bool boundary = fault || t->call.restarting || (t->signal_imminent && untouched) ||
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
    show(r, t, &s, stepped || boundary);
    return true;
}

/* The kernel would take up an interrupted call again, which was logged as over: what it would do
 * is done here (arch/x86/kernel/signal.c, arch_do_signal_or_restart). */
static void restart_cut_call(struct recorder *r, struct task *t)
{
    struct user_regs_struct before, regs;
    t->traced->call_was_cut = false;
    if (tracee_get_regs(t->tid, &before) < 0)
        return;
    regs = before;
    if ((int64_t)regs.orig_rax < 0 || !call_is_restart((int64_t)regs.rax))
        return;
    regs.rax = (int64_t)regs.rax == -516 ? SYS_restart_syscall : regs.orig_rax;
    regs.orig_rax = (uint64_t)-1;
    regs.rip -= 2;
    if (tracee_set_regs(t->tid, &regs) == 0)
        ptrace_log_regs(r, t, &before);
}

/* From a place that replay finds: what is pending is taken before any instruction. Else it would be
 * a stop in the midst of computing, and the token stay with a task that its tracer keeps, while
 * another of whom the tracer wants something waits for it. */
static void resume_without_signal(struct recorder *r, struct task *t)
{
    bool at_place = t->signal_imminent || (t->traced->at_boundary && !t->call.active);
    t->signal_imminent = at_place && signals_are_pending(t);
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

/* ---- going on ---- */

static void go_on_from(struct recorder *r, struct task *t, enum ptrace_stop_kind kind, int signo)
{
    switch (kind) {
    case PTRACE_STOP_NONE:
        break;
    case PTRACE_STOP_ENTRY:
        if (!t->call.restarting) /* which goes on without the token */
            t->state = TASK_USER;
        call_at_entry(r, t);
        break;
    case PTRACE_STOP_SIGNAL:
        signal_decided(r, t, signo);
        break;
    case PTRACE_STOP_DYING:
        task_end(r, t);
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

static void go_on_and_leave(struct recorder *r, struct task *t, enum ptrace_stop_kind kind,
                            int signo)
{
    go_on_from(r, t, kind, signo);
    if (t->traced->leaving)
        ptrace_unlink(r, t);
}

void ptrace_take_due(struct recorder *r, struct task *t)
{
    t->state = TASK_USER;
    go_on_and_leave(r, t, (enum ptrace_stop_kind)t->held_kind, t->held_signo);
}

void ptrace_go_on(struct recorder *r, struct task *t, enum ptrace_mode mode, int signo)
{
    struct traced *d = t->traced;
    enum ptrace_stop_kind kind = d->stop.kind;
    d->mode = mode;
    d->stop.kind = PTRACE_STOP_NONE;
    if (signo != 0 && kind != PTRACE_STOP_SIGNAL && kind != PTRACE_STOP_EVENT &&
        kind != PTRACE_STOP_DYING && kind != PTRACE_STOP_GROUP) {
        if (kind == PTRACE_STOP_MADE_UP)
            d->let_pass = signo;
        syscall(SYS_tgkill, t->pid, t->tid, signo);
    }
    /* a dying task asks for the token by itself, if it needs it: who has it may be waiting for this
     * very end (fs/exec.c, de_thread) */
    if (t->state == TASK_HELD && kind != PTRACE_STOP_DYING) {
        t->held_kind = kind;
        t->held_signo = signo;
        group_wait_for_token(r, t, DUE_TRACED);
        return;
    }
    go_on_and_leave(r, t, kind, signo);
}

void ptrace_leave(struct recorder *r, struct task *t, int signo)
{
    struct traced *d = t->traced;
    d->leaving = true;
    d->options = 0;
    d->n_queue = 0;
    if (d->stop.kind == PTRACE_STOP_NONE && t->state != TASK_READY)
        ptrace_unlink(r, t);
    else if (d->stop.kind != PTRACE_STOP_NONE && t->in_group_stop && signo == 0) {
        ptrace_unlink(r, t); /* the group stop goes on */
        (void)tracee_resume(t->tid, TRACEE_LISTEN, 0);
    } else {
        ptrace_go_on(r, t, PTRACE_MODE_CONT, signo);
    }
}

void ptrace_apply_options(const struct task *t)
{
    unsigned long passed_on = PTRACE_O_TRACEVFORKDONE;
    (void)tracee_set_options(t->tid, SPAWN_OPTIONS | (t->traced->options & passed_on));
}

/* ---- the end ---- */

static void tell_death(struct recorder *r, struct task *t, int status)
{
    struct ptrace_death *d = calloc(1, sizeof *d);
    if (d == NULL)
        no_memory();
    *d = (struct ptrace_death){
        .tracer_pid = t->traced->tracer->pid, .tid = t->tid, .status = status};
    struct ptrace_death **end = &r->ptrace->deaths;
    while (*end != NULL)
        end = &(*end)->next;
    *end = d;
    ptrace_wait_wake_for_death(r, d);
    siginfo_t info = {.si_signo = SIGCHLD};
    info.si_code = WIFEXITED(status) ? CLD_EXITED : WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
    info.si_pid = t->tid;
    info.si_status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    send_sigchld(r, t, &info);
}

/* kernel/ptrace.c, exit_ptrace: those that it traced are let go, or killed if it wished so. */
static void let_go_all(struct recorder *r, const struct task *tracer)
{
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        if (t->traced == NULL || t->traced->tracer != tracer)
            continue;
        if (wants(t->traced, PTRACE_O_EXITKILL))
            kill(t->tid, SIGKILL);
        t->traced->tracer = NULL;
        ptrace_leave(r, t, 0);
    }
    for (struct ptrace_death **at = &r->ptrace->deaths; *at != NULL;) {
        struct ptrace_death *d = *at;
        if (d->tracer_pid == tracer->pid && tracer->tid == tracer->pid) {
            *at = d->next;
            free(d);
        } else {
            at = &d->next;
        }
    }
}

void ptrace_task_gone(struct recorder *r, struct task *t, int status)
{
    if (t->traced != NULL) {
        if (!t->traced->child_of_tracer && t->traced->tracer != NULL && !t->traced->leaving)
            tell_death(r, t, status);
        ptrace_unlink(r, t);
    }
    if (r->ptrace->n_traced > 0 || r->ptrace->deaths != NULL)
        let_go_all(r, t);
}

void ptrace_world_free(struct recorder *r)
{
    if (r->ptrace == NULL)
        return;
    for (struct ptrace_death *d = r->ptrace->deaths, *next; d != NULL; d = next) {
        next = d->next;
        free(d);
    }
    size_t pos = 0;
    for (void *notice; (notice = map64_next(&r->ptrace->notices, &pos)) != NULL;)
        free(notice);
    map64_done(&r->ptrace->notices);
    free(r->ptrace);
    r->ptrace = NULL;
}

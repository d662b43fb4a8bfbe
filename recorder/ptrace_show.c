/* Owns who traces whom among the recorded tasks, and how a tracer is told of a stop. A task that is
 * shown in a stop is stopped for the recorder all the while. */
#include "recorder/ptrace_show.h"

#include "base/no_memory.h"
#include "recorder/call_facts.h"
#include "recorder/group.h"
#include "recorder/hot_reads.h"
#include "recorder/poke.h"
#include "recorder/ptrace_wait.h"
#include "recorder/signal_state.h"
#include "recorder/stub_calls.h"
#include "task/proc.h"

#include <assert.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

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

bool ptrace_is_child(const struct task *t, const struct task *tracer)
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
    t->traced->child_of_tracer = ptrace_is_child(t, tracer);
    world(r)->n_traced++;
}

void ptrace_unlink(struct recorder *r, struct task *t)
{
    free(t->traced);
    t->traced = NULL;
    r->ptrace->n_traced--;
}

/* ---- stops ---- */

struct ptrace_stop ptrace_event_stop(const struct task *t, int event, int signo,
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

struct ptrace_stop ptrace_made_up_stop(const struct task *t, int signo, int code)
{
    struct ptrace_stop s = {
        .kind = PTRACE_STOP_MADE_UP, .status = EVENT_STATUS(0, signo), .has_info = true};
    s.info.si_signo = signo;
    s.info.si_code = code;
    if (code == SI_USER)
        s.info.si_pid = t->tid;
    return s;
}

void ptrace_enqueue(struct task *t, struct ptrace_stop s)
{
    struct traced *d = t->traced;
    if (d->n_queue < sizeof d->queue / sizeof d->queue[0])
        d->queue[d->n_queue++] = s;
}

bool ptrace_wants(const struct traced *d, uint32_t option)
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
    uint64_t flags = parent->birth.clone_flags;
    if ((flags & CLONE_UNTRACED) != 0)
        return;
    if (!ptrace_wants(d, option_of_birth(flags)) && (flags & CLONE_PTRACE) == 0)
        return;
    ptrace_attach(r, child, d->tracer, d->seized);
    struct traced *c = child->traced;
    c->options = d->options;
    ptrace_enqueue(child, d->seized ? ptrace_event_stop(child, PTRACE_EVENT_STOP, SIGTRAP, 0)
                                    : ptrace_made_up_stop(child, SIGSTOP, SI_USER));
}

/* ---- telling the tracer ---- */

void ptrace_send_sigchld(struct recorder *r, const struct task *t, const siginfo_t *info)
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
    ptrace_send_sigchld(r, t, &info);
}

void ptrace_show(struct recorder *r, struct task *t, const struct ptrace_stop *s, bool at_boundary)
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
        bool in_call = s->kind != PTRACE_STOP_DYING &&
                       (t->call.active || (t->call.restarting && call_may_wait(r, t)));
        task_set_state(r, t, in_call ? TASK_IN_CALL : TASK_HELD);
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

void ptrace_did_step(struct task *t)
{
    struct user_regs_struct regs;
    if (t->traced->mode != PTRACE_MODE_STEP)
        return;
    struct ptrace_stop s = ptrace_made_up_stop(t, SIGTRAP, TRAP_TRACE);
    if (tracee_get_regs(t->tid, &regs) == 0)
        s.info.si_addr = (void *)regs_ip(&regs);
    ptrace_enqueue(t, s);
}

void ptrace_took_over(struct recorder *r, struct task *leader, struct task *t)
{
    bool is_tracers_child = leader->traced != NULL && leader->traced->child_of_tracer;
    if (leader->traced != NULL)
        ptrace_unlink(r, leader); /* its tracer hears nothing of its end: ptrace(2) */
    if (t->traced != NULL)
        t->traced->child_of_tracer = is_tracers_child;
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

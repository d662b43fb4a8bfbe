/* Owns how a tracer lets a task go: from one stop, by its detaching, or by its end. What the task
 * does then is done when it has the token, if it needs it. */
#include "recorder/ptrace_let_go.h"

#include "base/no_memory.h"
#include "recorder/agenda.h"
#include "recorder/group.h"
#include "recorder/ptrace_show.h"
#include "recorder/ptrace_wait.h"
#include "recorder/spawn.h"
#include "task/made_calls.h"

#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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
        syscall(NR_TGKILL, t->pid, t->tid, signo);
    }
    d->left = kind;
    d->left_with = signo;
    /* a dying task asks for the token by itself, if it needs it: who has it may be waiting for this
     * very end (fs/exec.c, de_thread) */
    if (t->state == TASK_HELD && kind != PTRACE_STOP_DYING) {
        group_wait_for_token(r, t, DUE_TRACED);
        return;
    }
    t->due = DUE_TRACED;
    agenda_due(r, t);
}

void ptrace_leave(struct recorder *r, struct task *t, int signo)
{
    struct traced *d = t->traced;
    d->leaving = true;
    d->options = 0;
    d->n_queue = 0;
    d->interrupted = false;
    if (d->stop.kind == PTRACE_STOP_NONE && t->due == DUE_TRACED)
        return; /* it was let go before, and leaves as it goes on */
    if (d->stop.kind == PTRACE_STOP_NONE) {
        ptrace_unlink(r, t);
    } else if (t->in_group_stop && signo == 0) {
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
    ptrace_send_sigchld(r, t, &info);
}

/* kernel/ptrace.c, exit_ptrace: those that it traced are let go, or killed if it wished so. */
static void let_go_all(struct recorder *r, const struct task *tracer)
{
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        if (t->traced == NULL || t->traced->tracer != tracer)
            continue;
        if (ptrace_wants(t->traced, PTRACE_O_EXITKILL))
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

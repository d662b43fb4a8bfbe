/* Owns what stop signals do to the token. A process stops when one of its threads takes the signal,
 * and the others follow where they are (kernel/signal.c, do_signal_stop): only the one that runs
 * user code can be away from a boundary, so the stop waits for that one's next boundary. */
#include "recorder/job_control.h"

#include "recorder/group.h"
#include "recorder/preempt.h"
#include "recorder/signal_state.h"
#include "recorder/slices.h"

#include <stdlib.h>

bool job_control_is_at_boundary(const struct task *t)
{
    struct user_regs_struct regs;
    if (t->call.restarting || t->at_call)
        return true;
    return tracee_get_regs(t->tid, &regs) == 0 && regs_same_place(&regs, &t->regs);
}

/* Whether tasks of other processes wait for the same token: a process of its own may well keep it.
 */
static bool shares_token(const struct recorder *r, const struct task *t)
{
    size_t pos = 0;
    for (const struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;)
        if (i->group == t->group && i->pid != t->pid)
            return true;
    return false;
}

bool job_control_put_off(struct recorder *r, struct task *t, const siginfo_t *info)
{
    struct task *holder = t->group->holder;
    if (t->group->n_tasks < 2 || holder == NULL || holder->pid != t->pid ||
        !signals_stop_by_default(info->si_signo))
        return false;
    if (holder == t ? job_control_is_at_boundary(t)
                    : holder->state != TASK_USER || holder->call.active)
        return false;
    if (holder->traced == NULL && !shares_token(r, t)) /* the others follow it: see below */
        return false;
    signals_hold(holder, info);
    slices_want(r, holder);
    return true;
}

void job_control_continued(struct recorder *r, struct task *t)
{
    size_t pos = 0;
    for (struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;) {
        if (i->pid != t->pid)
            continue;
        for (struct held_signal **at = &i->signals.held; *at != NULL;) {
            struct held_signal *h = *at;
            if (!signals_stop_by_default(h->info.si_signo)) {
                at = &h->next;
                continue;
            }
            *at = h->next;
            free(h);
        }
    }
}

/* The process has stopped only when all its tasks have, those included that wait for the token:
 * they are let go into the group stop. The interruption keeps them from user code if that is over.
 */
static void follow(struct recorder *r, struct task *t)
{
    group_unqueue(t);
    task_set_state(r, t, TASK_HELD);
    if (tracee_interrupt(t->tid) == 0)
        (void)tracee_resume(t->tid, TRACEE_SYSCALL, 0);
}

/* Where a task may be that is behind a call or a birth, which others may see or not. */
static bool can_follow(const struct task *t, const struct task *holder)
{
    return t->pid == holder->pid && t->state == TASK_READY && t->traced == NULL &&
           (t->due == DUE_EXIT || t->due == DUE_RESUME);
}

/* Others wait for the token to do what needs it, in this process (which has not stopped before they
 * have) or in others. */
static bool others_are_stuck(const struct recorder *r, const struct task *t)
{
    size_t pos = 0;
    for (const struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;)
        if (i->group == t->group && i->state == TASK_READY && !can_follow(i, t))
            return true;
    return false;
}

/* The interruption brings the task back into the group stop (kernel/signal.c, do_jobctl_trap), by
 * then at a boundary: at the point, or at the call that it comes to. */
static void leave_for_a_boundary(struct recorder *r, struct task *t)
{
    if (!preempt_make_point(r, t))
        t->todo.interrupt_behind = true; /* else it would not even leave the group stop */
    else if (tracee_interrupt(t->tid) == 0)
        (void)tracee_resume(t->tid, TRACEE_SYSCALL, 0);
}

bool job_control_stopped(struct recorder *r, struct task *t)
{
    if (t->group->n_tasks < 2 || !group_has_token(t) || t->call.active)
        return false;
    if (job_control_is_at_boundary(t)) {
        task_set_state(r, t, TASK_HELD);
        group_release_token(r, t);
        return false;
    }
    if (t->traced == NULL && others_are_stuck(r, t)) {
        leave_for_a_boundary(r, t);
        return true;
    }
    size_t pos = 0;
    for (struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;)
        if (can_follow(i, t))
            follow(r, i);
    return false;
}

void job_control_queued(struct recorder *r, struct task *t)
{
    struct task *holder = t->group->holder;
    if (holder == NULL || !holder->in_group_stop)
        return;
    if (can_follow(t, holder))
        follow(r, t);
    else if (holder->state == TASK_USER && !holder->call.active && holder->traced == NULL)
        (void)tracee_interrupt(holder->tid); /* it stops again, and finds who waits */
}

bool job_control_must_wait(struct recorder *r, struct task *t)
{
    if (t->state != TASK_HELD || t->traced != NULL)
        return false;
    group_wait_for_token(r, t, t->due != DUE_NOTHING ? t->due : DUE_RESUME);
    return true;
}

/* Owns what happens to a computing task whose time slice is over, and where it is stopped. */
#include "recorder/preempt.h"

#include "recorder/agenda.h"
#include "recorder/call_entry.h"
#include "recorder/group.h"
#include "recorder/point.h"
#include "recorder/ptrace_state.h"
#include "recorder/signal_delivery.h"
#include "recorder/slices.h"
#include "recorder/step_walk.h"
#include "recorder/stub_calls.h"
#include "task/memory_watch.h"
#include "task/proc.h"

#include <errno.h>

#define PATIENCE_NS 300000000ull /* with a call that should not wait, and does */

static bool computes(const struct task *t)
{
    return t->group->holder == t && task_runs_user_code(t) &&
           (t->traced == NULL || t->traced->mode != PTRACE_MODE_STEP);
}

/* A task that makes one call after the other has its next one for a boundary, which is cheaper than
 * a point. */
static void stop_soon(struct recorder *r, struct task *t)
{
    bool calls = stub_calls_log(r, t);
    if (calls && !t->slice.nudged) {
        stub_calls_stop_next(t);
        t->slice.nudged = true;
    } else {
        t->slice.preempting = tracee_interrupt(t->tid) == 0;
    }
}

/* Calls that shape memory are told in the order in which they end, and where memory is compared
 * around a call nobody else may write. */
static bool others_may_run_meanwhile(const struct call *c)
{
    return c->row != NULL && c->row->task == TASK_NONE && !c->unlisted && c->before == NULL &&
           (c->row->mem == MEM_NONE || c->row->mem == MEM_FILE_WRITE);
}

/* Whether the task sleeps in a call of which the table says that it does not wait: a filter lets
 * somebody else decide it (seccomp_unotify(2)), or a file system is served by another process. */
static bool waits_unexpectedly(const struct task *t, uint64_t now)
{
    const struct call *c = &t->call;
    if (t->state != TASK_USER || !c->active || now - c->entry_time < PATIENCE_NS ||
        !others_may_run_meanwhile(c))
        return false;
    char state = proc_state(t->tid);
    return state == 'S' || state == 'D';
}

/* It may be waiting for one of those who wait for its token. What the kernel writes for it stands
 * in the event of its exit, as with all calls; a thread that looks there meanwhile may see it
 * earlier.
 */
static void give_up_token(struct recorder *r, struct task *t)
{
    call_log_entry(r, t);
    task_set_state(r, t, TASK_IN_CALL);
    group_release_token(r, t);
}

void preempt_look(struct recorder *r)
{
    struct slices_look look = slices_look(r);
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        if (!slices_look_at(r, &look, t))
            continue;
        if (computes(t))
            stop_soon(r, t);
        else if (t->group->ready_head != NULL && waits_unexpectedly(t, look.now))
            give_up_token(r, t);
    }
    if (slices_look_done(r, &look))
        stub_calls_sweep(r);
}

void preempt_done(struct recorder *r)
{
    insn_decoder_free(r->decoder);
    r->decoder = NULL;
}

/* ---- where ---- */

static bool is_at_boundary(const struct task *t)
{
    struct user_regs_struct regs;
    return t->signals.imminent && tracee_get_regs(t->tid, &regs) == 0 &&
           regs_same_place(&regs, &t->regs);
}

bool preempt_make_point(struct recorder *r, struct task *t)
{
    struct step_walk walk;
    uint64_t start = recorder_now(r);
    if (r->decoder == NULL && (r->decoder = insn_decoder_new()) == NULL) {
        recorder_give_up(r, ENOMEM, "cannot decode instructions");
        return false;
    }
    if (!step_walk_to_place(r, t, r->decoder, &walk))
        return false;
    int err = point_log(r, t, &walk);
    if (err < 0) {
        if (err != -ESRCH)
            recorder_give_up(r, -err, "cannot read the memory of process %d", (int)t->pid);
        return false;
    }
    t->regs = walk.regs;
    t->slice.last_point = recorder_now(r);
    bool cheaper_next_time = memory_watch_has_begun(t->space->watch);
    slices_adapt(r, t, walk.unchanged, cheaper_next_time ? 0 : t->slice.last_point - start);
    return true;
}

/* Stops the task at a point and does there what others wait for. */
static void preempt(struct recorder *r, struct task *t)
{
    if (!preempt_make_point(r, t))
        return;
    if (t->signals.held != NULL)
        signals_deliver_held(r, t);
    else if (!group_hand_over(r, t))
        task_resume(r, t, 0);
}

void preempt_at_stop(struct recorder *r, struct task *t)
{
    if (!computes(t) || is_at_boundary(t))
        task_resume(r, t, 0);
    else
        preempt(r, t);
}

void preempt_for_signal(struct recorder *r, struct task *t)
{
    if (computes(t) && slices_are_over(r, t)) {
        preempt(r, t);
        return;
    }
    slices_want(r, t);
    task_resume(r, t, 0);
}

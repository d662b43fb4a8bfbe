/* Owns what happens to a computing task whose time slice is over, and where it is stopped. */
#include "recorder/preempt.h"

#include "recorder/agenda.h"
#include "recorder/group.h"
#include "recorder/point.h"
#include "recorder/ptrace_state.h"
#include "recorder/signal_delivery.h"
#include "recorder/slices.h"
#include "recorder/step_walk.h"
#include "recorder/stub_calls.h"
#include "task/memory_watch.h"

#include <errno.h>

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
    if (calls && !t->nudged) {
        stub_calls_stop_next(t);
        t->nudged = true;
    } else {
        t->preempting = tracee_interrupt(t->tid) == 0;
    }
}

void preempt_look(struct recorder *r)
{
    struct slices_look look = slices_look(r);
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (slices_look_at(r, &look, t) && computes(t))
            stop_soon(r, t);
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
    return t->signal_imminent && tracee_get_regs(t->tid, &regs) == 0 && regs.rip == t->regs.rip &&
           regs.rsp == t->regs.rsp;
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
    t->last_point = recorder_now(r);
    bool cheaper_next_time = memory_watch_has_begun(t->space->watch);
    slices_adapt(r, t, walk.unchanged, cheaper_next_time ? 0 : t->last_point - start);
    return true;
}

/* Stops the task at a point and does there what others wait for. */
static void preempt(struct recorder *r, struct task *t)
{
    if (!preempt_make_point(r, t))
        return;
    if (t->held != NULL)
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

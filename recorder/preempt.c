/* Owns time slices: when a computing task is stopped, and what happens where it was stopped. */
#include "recorder/preempt.h"

#include "recorder/agenda.h"
#include "recorder/group.h"
#include "recorder/point.h"
#include "recorder/ptrace_state.h"
#include "recorder/signals.h"
#include "recorder/step_walk.h"
#include "recorder/stub_calls.h"
#include "task/memory_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SLICE_NS 20000000ull
#define SPIN_SLICE_NS    1000000ull   /* of a task that was seen to spin for another */
#define LONG             8            /* points with nothing between, after which ... */
#define LONGER           2            /* ... a slice lasts so many times as long */
#define DEAR             20           /* a slice lasts so many times what a point costs ... */
#define SPIN_DEAR        2            /* ... but that of a task which has nothing better to do */
#define AGAIN_NS         5000000      /* a wake-up that came too early for wait4 is repeated */
#define SWEEP_NS         400000000ull /* calls that the stub has noted wait no longer */

struct preempt {
    struct insn_decoder *decoder; /* made when first needed */
    timer_t timer;
    uint64_t due;      /* when it expires, recorder time; UINT64_MAX: never */
    uint64_t slice_ns; /* as the user wants it */
    uint64_t swept;    /* when the stubs' buffers were read, recorder time */
};

int preempt_new(struct recorder *r)
{
    struct preempt *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    unsigned ms = r->options->slice_ms;
    p->due = UINT64_MAX;
    p->slice_ns = ms > 0 ? (uint64_t)ms * 1000000u : DEFAULT_SLICE_NS;
    struct sigevent to_tracer = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
    to_tracer._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &to_tracer, &p->timer) < 0) {
        int err = errno;
        free(p);
        return -err;
    }
    r->preempt = p;
    return 0;
}

void preempt_free(struct recorder *r)
{
    struct preempt *p = r->preempt;
    if (p == NULL)
        return;
    timer_delete(p->timer);
    insn_decoder_free(p->decoder);
    free(p);
    r->preempt = NULL;
}

/* ---- when ---- */

/* UINT64_MAX: never. */
static void arm(struct recorder *r, uint64_t now, uint64_t due)
{
    struct preempt *p = r->preempt;
    struct itimerspec when = {0};
    if (r->stub_calls != NULL && due > p->swept + SWEEP_NS)
        due = p->swept + SWEEP_NS;
    if (due != UINT64_MAX) {
        uint64_t ns = due > now ? due - now : 1;
        when.it_value.tv_sec = (time_t)(ns / 1000000000u);
        when.it_value.tv_nsec = (long)(ns % 1000000000u);
        when.it_interval.tv_nsec = AGAIN_NS;
    }
    (void)timer_settime(p->timer, 0, &when, NULL);
    p->due = due;
}

static uint64_t slice_of(const struct recorder *r, const struct task *t)
{
    return t->slice_ns > 0 ? t->slice_ns : r->preempt->slice_ns;
}

static bool computes(const struct task *t)
{
    return t->group->holder == t && t->state == TASK_USER && !t->call.active &&
           !t->call.restarting && !t->in_exec &&
           (t->traced == NULL || t->traced->mode != PTRACE_MODE_STEP);
}

/* Where all have done nothing but compute for a while, hardly anybody is in a hurry. */
static uint64_t slice_among_others(const struct recorder *r, const struct task *t)
{
    return slice_of(r, t) * (t->group->n_points >= LONG ? LONGER : 1);
}

/* When the task is to be stopped; 0: nobody waits for it. */
static uint64_t deadline(const struct recorder *r, const struct task *t)
{
    const struct group *g = t->group;
    uint64_t for_signal = t->held != NULL ? t->last_point + slice_of(r, t) : 0;
    uint64_t for_others = g->ready_head != NULL ? g->token_since + slice_among_others(r, t) : 0;
    if (for_signal == 0 || (for_others != 0 && for_others < for_signal))
        return for_others;
    return for_signal;
}

void preempt_want(struct recorder *r, const struct task *t)
{
    uint64_t due = deadline(r, t);
    if (due != 0 && due < r->preempt->due)
        arm(r, r->last_time, due);
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
    uint64_t now = recorder_now(r), next = UINT64_MAX;
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        uint64_t due = t->group->holder == t ? deadline(r, t) : 0;
        if (due == 0)
            continue;
        if (due <= now && computes(t))
            stop_soon(r, t);
        if (due <= now)
            due = now + AGAIN_NS;
        next = due < next ? due : next;
    }
    if (r->stub_calls != NULL && now >= r->preempt->swept + SWEEP_NS) {
        stub_calls_sweep(r);
        r->preempt->swept = now;
    }
    if (next != UINT64_MAX || r->preempt->due != UINT64_MAX || r->stub_calls != NULL)
        arm(r, now, next);
}

/* ---- where ---- */

/* A slice lasts long against what a point costs. A task that was seen to spin, with nothing
 * changing but by others, gets a short one: the others are what it waits for. */
static void adapt_slice(struct recorder *r, struct task *t, bool spins, uint64_t cost)
{
    uint64_t slice = r->preempt->slice_ns;
    if (spins && slice > SPIN_SLICE_NS)
        slice = SPIN_SLICE_NS;
    uint64_t least = (spins ? SPIN_DEAR : DEAR) * cost;
    t->slice_ns = slice > least ? slice : least;
}

static bool is_at_boundary(const struct task *t)
{
    struct user_regs_struct regs;
    return t->signal_imminent && tracee_get_regs(t->tid, &regs) == 0 && regs.rip == t->regs.rip &&
           regs.rsp == t->regs.rsp;
}

bool preempt_make_point(struct recorder *r, struct task *t)
{
    struct preempt *p = r->preempt;
    struct step_walk walk;
    uint64_t start = recorder_now(r);
    if (p->decoder == NULL && (p->decoder = insn_decoder_new()) == NULL) {
        recorder_give_up(r, ENOMEM, "cannot decode instructions");
        return false;
    }
    if (!step_walk_to_place(r, t, p->decoder, &walk))
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
    adapt_slice(r, t, walk.unchanged, cheaper_next_time ? 0 : t->last_point - start);
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
    if (computes(t) && t->last_point + slice_of(r, t) <= recorder_now(r)) {
        preempt(r, t);
        return;
    }
    preempt_want(r, t);
    task_resume(r, t, 0);
}

/* Owns time slices: how long a task may compute while others wait, and the timer that tells. */
#include "recorder/slices.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SLICE_NS 20000000ull
#define SPIN_SLICE_NS    1000000ull   /* of a task that was seen to spin for another */
#define LONG             8            /* points with nothing between, after which ... */
#define LONGER           2            /* ... a slice lasts so many times as long */
#define COSTS            20           /* a slice lasts so many times what a point costs ... */
#define SPIN_COSTS       2            /* ... but that of a task which has nothing better to do */
#define AGAIN_NS         5000000      /* a wake-up that came too early for wait4 is repeated */
#define SWEEP_NS         400000000ull /* calls that the stub has noted wait no longer */

struct slices {
    timer_t timer;
    uint64_t due;      /* when it expires, recorder time; UINT64_MAX: never */
    uint64_t slice_ns; /* as the user wants it */
    uint64_t swept;    /* when the stubs' buffers were read, recorder time */
};

int slices_new(struct recorder *r)
{
    struct slices *s = calloc(1, sizeof *s);
    if (s == NULL)
        return -ENOMEM;
    unsigned ms = r->options->slice_ms;
    s->due = UINT64_MAX;
    s->slice_ns = ms > 0 ? (uint64_t)ms * 1000000u : DEFAULT_SLICE_NS;
    struct sigevent to_tracer = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
    to_tracer._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &to_tracer, &s->timer) < 0) {
        int err = errno;
        free(s);
        return -err;
    }
    r->slices = s;
    return 0;
}

void slices_free(struct recorder *r)
{
    if (r->slices == NULL)
        return;
    timer_delete(r->slices->timer);
    free(r->slices);
    r->slices = NULL;
}

/* due: UINT64_MAX: never. */
static void arm(struct recorder *r, uint64_t now, uint64_t due)
{
    struct slices *s = r->slices;
    struct itimerspec when = {0};
    if (r->stub_calls != NULL && due > s->swept + SWEEP_NS)
        due = s->swept + SWEEP_NS;
    if (due != UINT64_MAX) {
        uint64_t ns = due > now ? due - now : 1;
        when.it_value.tv_sec = (time_t)(ns / 1000000000u);
        when.it_value.tv_nsec = (long)(ns % 1000000000u);
        when.it_interval.tv_nsec = AGAIN_NS;
    }
    (void)timer_settime(s->timer, 0, &when, NULL);
    s->due = due;
}

static uint64_t slice_of(const struct recorder *r, const struct task *t)
{
    return t->slice.ns > 0 ? t->slice.ns : r->slices->slice_ns;
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
    uint64_t for_signal = t->signals.held != NULL ? t->slice.last_point + slice_of(r, t) : 0;
    uint64_t for_others = g->ready_head != NULL ? g->token_since + slice_among_others(r, t) : 0;
    if (for_signal == 0 || (for_others != 0 && for_others < for_signal))
        return for_others;
    return for_signal;
}

void slices_want(struct recorder *r, const struct task *t)
{
    uint64_t due = deadline(r, t);
    if (due != 0 && due < r->slices->due)
        arm(r, r->last_time, due);
}

bool slices_are_over(struct recorder *r, const struct task *t)
{
    return t->slice.last_point + slice_of(r, t) <= recorder_now(r);
}

struct slices_look slices_look(struct recorder *r)
{
    return (struct slices_look){.now = recorder_now(r), .next = UINT64_MAX};
}

bool slices_look_at(const struct recorder *r, struct slices_look *look, const struct task *t)
{
    uint64_t due = t->group->holder == t ? deadline(r, t) : 0;
    if (due == 0)
        return false;
    bool over = due <= look->now;
    if (over)
        due = look->now + AGAIN_NS;
    look->next = due < look->next ? due : look->next;
    return over;
}

bool slices_look_done(struct recorder *r, const struct slices_look *look)
{
    struct slices *s = r->slices;
    bool sweeps = r->stub_calls != NULL && look->now >= s->swept + SWEEP_NS;
    if (sweeps)
        s->swept = look->now;
    if (look->next != UINT64_MAX || s->due != UINT64_MAX || r->stub_calls != NULL)
        arm(r, look->now, look->next);
    return sweeps;
}

/* A slice lasts long against what a point costs. A task that was seen to spin, with nothing
 * changing but by others, gets a short one: the others are what it waits for. */
void slices_adapt(const struct recorder *r, struct task *t, bool spins, uint64_t cost)
{
    uint64_t slice = r->slices->slice_ns;
    if (spins && slice > SPIN_SLICE_NS)
        slice = SPIN_SLICE_NS;
    uint64_t least = (spins ? SPIN_COSTS : COSTS) * cost;
    t->slice.ns = slice > least ? slice : least;
}

/* Owns the folding of differences: what follows each other in a task is one hunk, hunks that are
 * alike are told once, and a loop that ran on is told by one round of it. */
#include "diff/diff_private.h"

#include "base/map64.h"
#include "base/scope.h"
#include "diff/align.h"
#include "diff/mixer.h"

#include <errno.h>
#include <stdlib.h>

/* Where points of a task stand in the list. */
struct seat {
    size_t task, ref_task, point;
    uint32_t place, run_place;
};

static int by_place(const void *x, const void *y)
{
    const struct seat *s = x, *t = y;
    if (s->task != t->task)
        return s->task < t->task ? -1 : 1;
    if (s->ref_task != t->ref_task)
        return s->ref_task < t->ref_task ? -1 : 1;
    if (s->place != t->place)
        return s->place < t->place ? -1 : 1;
    if (s->run_place != t->run_place)
        return s->run_place < t->run_place ? -1 : 1;
    return s->point < t->point ? -1 : s->point > t->point;
}

static bool is_shown(const struct point *p)
{
    return p->kind != POINT_IGNORED && !p->weak && !p->noise;
}

static bool continues(const struct comparison *c, const struct seat *a, const struct seat *b)
{
    const struct point *p = &c->points.v[a->point];
    uint32_t place = a->place + (p->kind != POINT_EXTRA);
    uint32_t run_place = a->run_place + (p->kind != POINT_MISSING);
    return a->task == b->task && a->ref_task == b->ref_task && b->place <= place &&
           b->run_place <= (run_place > a->run_place ? run_place : a->run_place);
}

static void plan_one(const struct comparison *c, const struct seat *seats, size_t n,
                     uint64_t *scratch, struct hunk_plan *ret)
{
    *ret = (struct hunk_plan){
        .hunk = {.task = seats[0].task, .ref_task = seats[0].ref_task, .times = 1}};
    size_t alone = 0;
    for (size_t i = 0; i < n; i++) {
        const struct point *p = &c->points.v[seats[i].point];
        ret->signature = mix_u64(mix_u64(ret->signature, p->kind), p->object);
        size_t *counts[] = {&ret->hunk.n_given, &ret->hunk.n_changed, &ret->hunk.n_missing,
                            &ret->hunk.n_extra};
        ++*counts[p->kind];
        if (p->kind == POINT_MISSING || p->kind == POINT_EXTRA)
            scratch[alone++] = p->object;
    }
    ret->signature = mix_u64(mix_u64(ret->signature, ret->hunk.task), ret->hunk.ref_task);
    if (alone == n && alone <= UINT32_MAX)
        ret->hunk.period = align_period(scratch, (uint32_t)alone);
    size_t lines = ret->hunk.period > 0 ? ret->hunk.period : n;
    for (size_t i = 0; i < lines && i < REPORT_HUNK_LINES; i++)
        ret->points[ret->hunk.n_lines++] = seats[i].point;
}

static int by_first_point(const void *x, const void *y)
{
    const struct hunk_plan *p = x, *q = y;
    return p->points[0] < q->points[0] ? -1 : p->points[0] > q->points[0];
}

int hunks_plan(const struct comparison *c, struct hunk_plan **ret, size_t *ret_n,
               size_t *ret_left_out)
{
    struct seat *seats SCOPE_FREE = calloc(c->points.n + 1, sizeof *seats);
    uint64_t *scratch SCOPE_FREE = calloc(c->points.n + 1, sizeof *scratch);
    struct hunk_plan *plans SCOPE_FREE = calloc(REPORT_HUNKS, sizeof *plans);
    struct map64 alike = {0};
    size_t n = 0, n_plans = 0, left_out = 0;
    if (seats == NULL || scratch == NULL || plans == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < c->points.n; i++) {
        const struct point *p = &c->points.v[i];
        if (is_shown(p))
            seats[n++] = (struct seat){p->task, p->ref_task, i, p->place, p->run_place};
    }
    qsort(seats, n, sizeof *seats, by_place);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && continues(c, &seats[end - 1], &seats[end]);)
            end++;
        struct hunk_plan plan;
        plan_one(c, seats + i, end - i, scratch, &plan);
        struct hunk_plan *twin = map64_get(&alike, plan.signature);
        if (twin != NULL) {
            twin->hunk.times++;
        } else if (n_plans == REPORT_HUNKS) {
            left_out++;
        } else {
            plans[n_plans] = plan;
            if (map64_put(&alike, plan.signature, &plans[n_plans]) < 0) {
                map64_done(&alike);
                return -ENOMEM;
            }
            n_plans++;
        }
    }
    map64_done(&alike);
    qsort(plans, n_plans, sizeof *plans, by_first_point);
    *ret = TAKE(plans);
    *ret_n = n_plans;
    *ret_left_out = left_out;
    return 0;
}

/* Owns the way from what was found to what is shown: which events are wanted, and what is said of
 * them once they are read. */
#include "diff/diff_private.h"

#include "base/scope.h"
#include "diff/both.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of the events that are wanted of one trace; then the events. */
struct wanted {
    uint32_t *v;
    size_t n, cap;
    struct moment *moments;
    size_t n_moments;
};

struct show {
    struct diff_job *job;
    const struct comparison *c;
    struct wanted ref, run;
    struct hunk_plan *plans;
    size_t n_plans;
    size_t examples[IGNORED_COUNT][REPORT_EXAMPLES]; /* points */
    size_t n_examples[IGNORED_COUNT];
};

static int want(struct wanted *w, uint32_t number)
{
    if (number == 0)
        return 0;
    if (w->n == w->cap) {
        size_t cap = w->cap * 2 + 64;
        uint32_t *v = reallocarray(w->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        w->v = v;
        w->cap = cap;
    }
    w->v[w->n++] = number;
    return 0;
}

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

/* Each number once, a moment for each. */
static int make_moments(struct wanted *w)
{
    if (w->n > 1)
        qsort(w->v, w->n, sizeof *w->v, by_number);
    w->moments = calloc(w->n + 1, sizeof *w->moments);
    if (w->moments == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < w->n; i++)
        if (i == 0 || w->v[i] != w->v[i - 1])
            w->moments[w->n_moments++].number = w->v[i];
    return 0;
}

static int moment_by_number(const void *key, const void *member)
{
    uint32_t number = *(const uint32_t *)key;
    const struct moment *m = member;
    return number < m->number ? -1 : number > m->number;
}

static const struct moment *get(const struct wanted *w, uint32_t number)
{
    if (number == 0 || w->n_moments == 0)
        return NULL;
    const struct moment *m =
        bsearch(&number, w->moments, w->n_moments, sizeof *m, moment_by_number);
    return m != NULL && m->found ? m : NULL;
}

/* ---- what is wanted ---- */

/* What a finding shows of a point. `*_other`: what that run did instead, or what was interrupted.
 */
struct numbers {
    uint32_t ref, run, ref_other, run_other;
    bool signal;
};

static struct numbers numbers_of(const struct point *p)
{
    struct numbers n = {p->ref_number, p->run_number, p->ref_other, p->run_other, false};
    if (p->kind != POINT_INPUT)
        return n;
    n.ref_other = n.run_other = 0;
    if ((p->ref_other != 0) == (p->run_other != 0))
        return n;
    n.signal = true;
    if (p->run_other != 0) {
        n.run_other = n.run;
        n.run = p->run_other;
    } else {
        n.ref_other = n.ref;
        n.ref = p->ref_other;
    }
    return n;
}

static int want_point(struct show *s, const struct point *p)
{
    struct numbers n = numbers_of(p);
    int r = want(&s->ref, n.ref);
    if (r == 0)
        r = want(&s->ref, n.ref_other);
    if (r == 0)
        r = want(&s->run, n.run);
    return r == 0 ? want(&s->run, n.run_other) : r;
}

static int want_suspect(struct show *s, const struct suspect *suspect)
{
    if (suspect->point != NULL)
        return want_point(s, suspect->point);
    const struct task_switch *w = &suspect->switched;
    int r = want(&s->ref, w->earlier.ref_number);
    if (r == 0)
        r = want(&s->ref, w->later.ref_number);
    if (r == 0)
        r = want(&s->run, w->earlier.run_number);
    return r == 0 ? want(&s->run, w->later.run_number) : r;
}

static int want_examples(struct show *s)
{
    int r = 0;
    for (size_t i = 0; i < s->c->points.n && r == 0; i++) {
        const struct point *p = &s->c->points.v[i];
        uint16_t kinds = p->kind == POINT_IGNORED ? p->kinds : 0;
        if (p->weak)
            kinds |= IGNORED_BIT(IGNORED_SCHEDULE);
        for (size_t k = 0; k < IGNORED_COUNT && r == 0; k++) {
            if ((kinds & (1u << k)) == 0 || s->n_examples[k] == REPORT_EXAMPLES)
                continue;
            s->examples[k][s->n_examples[k]++] = i;
            r = want_point(s, p);
        }
    }
    return r;
}

static int want_all(struct show *s)
{
    const struct explanation *e = &s->job->explanation;
    int r = e->act != NULL ? want_point(s, e->act) : 0;
    for (size_t i = 0; i < e->n_inputs && r == 0; i++)
        r = want_suspect(s, &e->inputs[i]);
    for (size_t i = 0; i < s->n_plans && r == 0; i++)
        for (size_t j = 0; j < s->plans[i].hunk.n_lines && r == 0; j++)
            r = want_point(s, &s->c->points.v[s->plans[i].points[j]]);
    return r == 0 ? want_examples(s) : r;
}

/* ---- reading ---- */

struct read_side {
    struct show *show;
    struct wanted *wanted;
    struct report_run *run;
    int result;
    struct err err;
};

static void read_moments(void *arg)
{
    struct read_side *r = arg;
    r->result = make_moments(r->wanted);
    if (r->result == 0)
        r->result =
            moments_read(r->run->run->trace, &r->run->census, r->show->job->rules,
                         r->wanted->moments, r->wanted->n_moments, &r->run->trouble, &r->err);
}

static int read_both(struct show *s, struct err *err)
{
    struct diff_report *report = s->job->report;
    struct read_side ref = {s, &s->ref, &report->runs[report->reference], 0, {0}};
    struct read_side run = {s, &s->run, &report->runs[report->shown], 0, {0}};
    both_do(read_moments, &ref, &run);
    report->ref_moments = s->ref.moments;
    report->n_ref_moments = s->ref.n_moments;
    report->run_moments = s->run.moments;
    report->n_run_moments = s->run.n_moments;
    if (ref.result < 0)
        *err = ref.err;
    else if (run.result < 0)
        *err = run.err;
    return ref.result < 0 ? ref.result : run.result;
}

/* ---- findings ---- */

static int copy_object(struct finding *f)
{
    const char *object = f->run != NULL && f->run->object != NULL   ? f->run->object
                         : f->ref != NULL && f->ref->object != NULL ? f->ref->object
                                                                    : NULL;
    if (object == NULL)
        return 0;
    f->object = strdup(object);
    return f->object != NULL ? 0 : -ENOMEM;
}

static int make_finding(struct show *s, const struct suspect *suspect, struct finding *ret)
{
    const struct point *p = suspect->point;
    struct numbers n = numbers_of(p);
    *ret = (struct finding){
        .suspicion = suspect->suspicion,
        .related = suspect->related,
        .support = p->support,
        .ref = get(&s->ref, n.ref),
        .run = get(&s->run, n.run),
        .ref_other = get(&s->ref, n.ref_other),
        .run_other = get(&s->run, n.run_other),
    };
    ret->cause = n.signal ? CAUSE_SIGNAL : cause_of(p, ret->ref, ret->run);
    if (ret->cause == CAUSE_ENVIRONMENT && p->kind == POINT_INPUT)
        return diff_environment(s->job->report, ret);
    bool handed = point_is_act(p);
    if (!n.signal && ret->ref != NULL && ret->run != NULL)
        ret->has_bytes = cause_find_bytes(ret->ref, ret->run, handed, &ret->bytes);
    if (n.signal) { /* the signal is the object, not what it interrupted */
        const struct moment *signal =
            ret->run != NULL && ret->run->kind == MOMENT_SIGNAL ? ret->run : ret->ref;
        ret->object = signal != NULL && signal->object != NULL ? strdup(signal->object) : NULL;
        return 0;
    }
    return copy_object(ret);
}

static int make_switch(struct show *s, const struct suspect *suspect, struct finding *ret)
{
    const struct task_switch *w = &suspect->switched;
    *ret = (struct finding){
        .cause = CAUSE_TIMING,
        .suspicion = SUSPECT_ORDER,
        .related = true,
        .support = 1,
        .ref = get(&s->ref, w->later.ref_number),
        .ref_other = get(&s->ref, w->earlier.ref_number),
        .run = get(&s->run, w->earlier.run_number),
        .run_other = get(&s->run, w->later.run_number),
        .object = strdup("order of threads"),
    };
    return ret->object != NULL ? 0 : -ENOMEM;
}

static int make_causes(struct show *s)
{
    struct diff_report *report = s->job->report;
    const struct explanation *e = &s->job->explanation;
    int r = 0;
    for (size_t i = 0; i < e->n_inputs && r == 0 && report->n_causes < REPORT_CAUSES; i++) {
        struct finding *f = &report->causes[report->n_causes];
        if (e->inputs[i].point == NULL)
            r = make_switch(s, &e->inputs[i], f);
        else
            r = make_finding(s, &e->inputs[i], f);
        bool told = f->ref != NULL || f->run != NULL || f->ref_text != NULL;
        bool chance = e->inputs[i].suspicion == SUSPECT_INPUT && cause_is_same(f->ref, f->run);
        report->n_causes++;
        if (told && !chance) /* else a number that happened to look like a task's */
            continue;
        report->n_causes--;
        free(f->object);
        free(f->ref_text);
        free(f->run_text);
        *f = (struct finding){0};
    }
    return r;
}

static void make_hunks(struct show *s, struct hunk *hunks)
{
    struct diff_report *report = s->job->report;
    for (size_t i = 0; i < s->n_plans; i++) {
        struct hunk *h = &hunks[i];
        *h = s->plans[i].hunk;
        for (size_t j = 0; j < h->n_lines; j++) {
            const struct point *p = &s->c->points.v[s->plans[i].points[j]];
            h->lines[j] = (struct hunk_line){
                .ref = get(&s->ref, p->ref_number),
                .run = get(&s->run, p->run_number),
                .kind = (enum point_kind)p->kind,
            };
        }
    }
    report->hunks = hunks;
    report->n_hunks = s->n_plans;
}

static void make_examples(struct show *s)
{
    for (size_t k = 0; k < IGNORED_COUNT; k++) {
        for (size_t i = 0; i < s->n_examples[k]; i++) {
            const struct point *p = &s->c->points.v[s->examples[k][i]];
            s->job->report->examples[k][i] = (struct ignored_example){
                .ref = get(&s->ref, p->ref_number),
                .run = get(&s->run, p->run_number),
            };
        }
    }
}

static int make_report(struct show *s)
{
    struct diff_report *report = s->job->report;
    const struct explanation *e = &s->job->explanation;
    struct suspect act = {.point = e->act, .related = true};
    int r = make_causes(s);
    if (r == 0 && e->act != NULL) {
        report->has_act = true;
        r = make_finding(s, &act, &report->act);
    }
    struct hunk *hunks = calloc(s->n_plans + 1, sizeof *hunks);
    if (hunks == NULL)
        return -ENOMEM;
    make_hunks(s, hunks);
    make_examples(s);
    return r;
}

int diff_show(struct diff_job *job, struct err *err)
{
    struct diff_report *report = job->report;
    struct show s = {
        .job = job,
        .c = &job->comparisons[report->shown],
    };
    int r = hunks_plan(s.c, &s.plans, &s.n_plans, &report->n_hunks_left_out);
    if (r == 0)
        r = want_all(&s);
    if (r == 0)
        r = read_both(&s, err);
    if (r == 0)
        r = make_report(&s);
    free(s.plans);
    free(s.ref.v);
    free(s.run.v);
    return r;
}

/* Owns the order of work: who is who, what each run did, where they differ, which difference
 * matters, what to show of it. Two traces are read at a time. */
#include "diff/diff_private.h"

#include "diff/both.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNRELATED_SHARE 0.6  /* of the longer one's events, when the programs are not the same */
#define UNRELATED_SAME  0.02 /* of the shorter one's, when they are */

/* ---- reading ---- */

struct reading {
    struct report_run *run;
    int result;
    struct err err;
};

static void read_census(void *arg)
{
    struct reading *r = arg;
    struct err why = {0};
    r->result = census_read(r->run->run->trace, &r->run->census, &why);
    if (r->result < 0)
        err_set(&r->err, -r->result, "%s: %s", r->run->run->name, why.msg);
}

static int read_all(struct diff_report *report, struct err *err)
{
    for (size_t i = 0; i < report->n_runs; i += 2) {
        bool two = i + 1 < report->n_runs;
        struct reading a = {.run = &report->runs[i]};
        struct reading b = {.run = two ? &report->runs[i + 1] : NULL};
        both_do(read_census, &a, two ? &b : NULL);
        const struct reading *failed = a.result < 0 ? &a : b.result < 0 ? &b : NULL;
        if (failed != NULL) {
            *err = failed->err;
            return failed->result;
        }
    }
    return 0;
}

static int match_tasks(struct diff_job *job)
{
    struct diff_report *report = job->report;
    struct census *reference = &report->runs[report->reference].census;
    int r = census_match(reference, NULL);
    for (size_t i = 0; i < report->n_runs && r == 0; i++)
        if (i != report->reference)
            r = census_match(&report->runs[i].census, reference);
    return r;
}

/* ---- how alike they are ---- */

/* By the name of the file: it may lie elsewhere. */
static bool same_program(const struct report_run *a, const struct report_run *b)
{
    const struct report_run *runs[] = {a, b};
    const char *names[2];
    size_t lens[2];
    for (size_t i = 0; i < 2; i++) {
        const Reprise__Header *h = trace_reader_header(runs[i]->run->trace);
        const char *path = (const char *)h->program.data;
        const char *slash = h->program.len > 0 ? memrchr(path, '/', h->program.len) : NULL;
        names[i] = slash != NULL ? slash + 1 : path;
        lens[i] = h->program.len - (size_t)(names[i] - path);
    }
    return lens[0] == lens[1] && (lens[0] == 0 || memcmp(names[0], names[1], lens[0]) == 0);
}

/* Of two numbers of events the one that counts. A short run that failed early has little in common
 * with a long one, but most of its own. */
static uint64_t measure(bool same, uint64_t a, uint64_t b)
{
    return same == (b < a) ? b : a;
}

static double least_share(bool same)
{
    return same ? UNRELATED_SAME : UNRELATED_SHARE;
}

static uint64_t items_of(const struct census *census)
{
    uint64_t n = 0;
    for (size_t i = 0; i < census->n; i++)
        n += census->tasks[i].items;
    return n;
}

/* So many events must be the same for two runs to be related. */
static uint64_t least_same(const struct report_run *a, const struct report_run *b)
{
    bool same = same_program(a, b);
    uint64_t whole = measure(same, items_of(&a->census), items_of(&b->census));
    return (uint64_t)((double)whole * least_share(same));
}

/* ---- comparing ---- */

/* Of several failing runs the one that is shown is chosen by all that they do. */
static int compare_with(struct diff_job *job, const struct report_run *ref,
                        const struct report_run *run, struct comparison *ret, struct err *err)
{
    struct side a = {ref->run->name, ref->run->trace, &ref->census};
    struct side b = {run->run->name, run->run->trace, &run->census};
    struct compare_rules rules = {.fields = job->rules, .strict = job->strict};
    if (job->report->n_runs == 2)
        rules.least_same = least_same(ref, run);
    return comparison_make(&a, &b, &rules, ret, err);
}

static int compare_runs(struct diff_job *job, struct err *err)
{
    struct diff_report *report = job->report;
    size_t ref = report->reference;
    int r = 0;
    for (size_t i = 0; i < report->n_runs && r == 0; i++) {
        if (i == ref)
            continue;
        r = compare_with(job, &report->runs[ref], &report->runs[i], &job->comparisons[i], err);
        if (r < 0)
            break;
        if (report->runs[i].run->passes) {
            job->passing[job->n_passing++] = &job->comparisons[i];
        } else {
            job->failing_run[job->n_failing] = i;
            job->failing[job->n_failing++] = &job->comparisons[i];
        }
    }
    return r;
}

static void judge_relation(struct diff_job *job)
{
    struct diff_report *report = job->report;
    const struct comparison *c = &job->comparisons[report->shown];
    bool same = same_program(&report->runs[report->reference], &report->runs[report->shown]);
    uint64_t whole = measure(same, c->ref_items, c->items);
    report->alike = whole > 0 ? (double)c->same / (double)whole : 1;
    report->unrelated = c->cut_short || report->alike < least_share(same);
}

static bool counts(const struct point *p)
{
    return p->kind != POINT_IGNORED && !p->weak && !p->noise;
}

static void judge(struct diff_job *job)
{
    struct diff_report *report = job->report;
    const struct comparison *c = &job->comparisons[report->shown];
    judge_relation(job);
    memcpy(report->ignored, c->ignored, sizeof report->ignored);
    report->n_points_left_out = c->points.left_out;
    const struct report_run *a = &report->runs[report->reference];
    report->same = true;
    for (size_t i = 0; i < report->n_runs; i++) {
        const struct report_run *b = &report->runs[i];
        if (!b->run->passes && (a->ended != b->ended || a->status != b->status))
            report->same = false;
    }
    for (size_t i = 0; i < job->n_failing; i++) {
        const struct points *points = &job->failing[i]->points;
        if (points->left_out > 0)
            report->same = false;
        for (size_t j = 0; j < points->n; j++) {
            report->noise += points->v[j].noise && i == job->explanation.shown;
            if (counts(&points->v[j]))
                report->same = false;
        }
    }
}

/* ---- the report ---- */

static void note_run(struct report_run *r, const struct diff_run *run)
{
    const Reprise__Summary *summary = trace_reader_summary(run->trace);
    r->run = run;
    r->torn = trace_reader_is_torn(run->trace);
    r->incomplete = summary != NULL && summary->incomplete;
}

/* How the first process ended. */
static void note_end(struct report_run *r)
{
    const struct census_task *first = r->census.n > 0 ? &r->census.tasks[0] : NULL;
    r->ended = first != NULL && first->ended && !first->detached;
    r->status = r->ended ? first->status : 0;
}

static int do_job(struct diff_job *job, struct err *err)
{
    struct diff_report *report = job->report;
    int r = read_all(report, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < report->n_runs; i++)
        note_end(&report->runs[i]);
    r = match_tasks(job);
    if (r < 0)
        return r;
    r = compare_runs(job, err);
    if (r == 0)
        r = explain(job->passing, job->n_passing, job->failing, job->n_failing, &job->explanation);
    if (r < 0)
        return r;
    report->shown = job->failing_run[job->explanation.shown];
    judge(job);
    return report->unrelated ? 0 : diff_show(job, err);
}

static int make_job(const struct diff_run *runs, size_t n, struct diff_job *job)
{
    struct diff_report *report = calloc(1, sizeof *report);
    job->report = report;
    if (report == NULL)
        return -ENOMEM;
    report->runs = calloc(n, sizeof *report->runs);
    job->comparisons = calloc(n, sizeof *job->comparisons);
    job->passing = calloc(n, sizeof *job->passing);
    job->failing = calloc(n, sizeof *job->failing);
    job->failing_run = calloc(n, sizeof *job->failing_run);
    if (report->runs == NULL || job->comparisons == NULL || job->passing == NULL ||
        job->failing == NULL || job->failing_run == NULL)
        return -ENOMEM;
    report->n_runs = n;
    report->reference = n;
    for (size_t i = 0; i < n; i++) {
        note_run(&report->runs[i], &runs[i]);
        *(runs[i].passes ? &report->n_passing : &report->n_failing) += 1;
        if (runs[i].passes && report->reference == n)
            report->reference = i;
    }
    return report->reference < n && report->n_failing > 0 ? field_rules_new(&job->rules) : -EINVAL;
}

static void job_done(struct diff_job *job)
{
    for (size_t i = 0; job->report != NULL && i < job->report->n_runs; i++)
        comparison_done(&job->comparisons[i]);
    free(job->comparisons);
    free(job->passing);
    free(job->failing);
    free(job->failing_run);
    field_rules_free(job->rules);
}

int diff_runs(const struct diff_run *runs, size_t n, uint16_t strict, struct diff_report **ret,
              struct err *err)
{
    struct diff_job job = {.strict = strict};
    int r = make_job(runs, n, &job);
    if (r == 0)
        r = do_job(&job, err);
    if (r < 0) {
        err_sys(err, -r, "cannot compare");
        job_done(&job);
        diff_report_free(job.report);
        return r;
    }
    *ret = job.report;
    job_done(&job);
    return 0;
}

static void finding_done(struct finding *f)
{
    free(f->object);
    free(f->ref_text);
    free(f->run_text);
}

void diff_report_free(struct diff_report *report)
{
    if (report == NULL)
        return;
    for (size_t i = 0; i < report->n_runs; i++) {
        census_done(&report->runs[i].census);
        free(report->runs[i].trouble);
    }
    for (size_t i = 0; i < report->n_causes; i++)
        finding_done(&report->causes[i]);
    finding_done(&report->act);
    for (size_t i = 0; i < report->n_ref_moments; i++)
        moment_done(&report->ref_moments[i]);
    for (size_t i = 0; i < report->n_run_moments; i++)
        moment_done(&report->run_moments[i]);
    free(report->ref_moments);
    free(report->run_moments);
    free(report->hunks);
    free(report->runs);
    free(report);
}

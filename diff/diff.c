/* Owns the order of work: who is who, what each run did, where they differ, which difference
 * matters, what to show of it. Runs are read in parallel, one thread each. */
#include "diff/diff_private.h"

#include "base/scope.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define READERS         2    /* threads at a time */
#define UNRELATED_SHARE 0.6  /* of the longer one's events, when the programs are not the same */
#define UNRELATED_SAME  0.02 /* of the shorter one's, when they are */

/* ---- reading ---- */

struct reading {
    struct diff_job *job;
    int (*read)(struct diff_job *job, size_t run, struct err *err);
    size_t run;
    int result;
    struct err err;
};

static void *read_one(void *arg)
{
    struct reading *r = arg;
    r->result = r->read(r->job, r->run, &r->err);
    return NULL;
}

/* Where no thread can be had the work is done here. */
static int read_all(struct diff_job *job,
                    int (*read)(struct diff_job *job, size_t run, struct err *err), struct err *err)
{
    for (size_t i = 0; i < job->report->n_runs; i += READERS) {
        struct reading readings[READERS] = {0};
        pthread_t threads[READERS];
        bool started[READERS] = {0};
        size_t n = job->report->n_runs - i < READERS ? job->report->n_runs - i : READERS;
        for (size_t j = 0; j < n; j++) {
            readings[j] = (struct reading){.job = job, .read = read, .run = i + j};
            started[j] =
                j + 1 < n && pthread_create(&threads[j], NULL, read_one, &readings[j]) == 0;
            if (!started[j])
                read_one(&readings[j]);
        }
        int r = 0;
        for (size_t j = 0; j < n; j++) {
            if (started[j])
                pthread_join(threads[j], NULL);
            if (readings[j].result < 0 && r == 0) {
                r = readings[j].result;
                *err = readings[j].err;
            }
        }
        if (r < 0)
            return r;
    }
    return 0;
}

static int name_run(const struct diff_job *job, size_t run, int r, const struct err *why,
                    struct err *err)
{
    return r < 0 ? err_set(err, -r, "%s: %s", job->report->runs[run].run->name, why->msg) : 0;
}

static int read_census(struct diff_job *job, size_t run, struct err *err)
{
    struct report_run *r = &job->report->runs[run];
    struct err why = {0};
    return name_run(job, run, census_read(r->run->trace, &r->census, &why), &why, err);
}

static int read_sequences(struct diff_job *job, size_t run, struct err *err)
{
    struct report_run *r = &job->report->runs[run];
    struct err why = {0};
    return name_run(job, run,
                    sequences_read(r->run->trace, &r->census, job->rules, job->strict,
                                   &job->sequences[run], &why),
                    &why, err);
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

/* ---- comparing ---- */

static int compare_runs(struct diff_job *job)
{
    struct diff_report *report = job->report;
    size_t ref = report->reference;
    struct side reference = {&report->runs[ref].census, &job->sequences[ref]};
    int r = 0;
    for (size_t i = 0; i < report->n_runs && r == 0; i++) {
        struct side side = {&report->runs[i].census, &job->sequences[i]};
        if (i == ref)
            continue;
        r = comparison_make(&reference, &side, job->strict, &job->comparisons[i]);
        if (r < 0)
            break;
        if (report->runs[i].run->passes) {
            job->passing[job->n_passing++] = &job->comparisons[i];
        } else {
            job->failing_run[job->n_failing] = i;
            job->failing_census[job->n_failing] = &report->runs[i].census;
            job->failing[job->n_failing++] = &job->comparisons[i];
        }
    }
    return r;
}

/* By the name of the file: it may lie elsewhere. */
static bool same_program(const struct diff_report *report)
{
    const char *names[2];
    size_t lens[2];
    for (size_t i = 0; i < 2; i++) {
        size_t run = i == 0 ? report->reference : report->shown;
        const Reprise__Header *h = trace_reader_header(report->runs[run].run->trace);
        const char *path = (const char *)h->program.data;
        const char *slash = h->program.len > 0 ? memrchr(path, '/', h->program.len) : NULL;
        names[i] = slash != NULL ? slash + 1 : path;
        lens[i] = h->program.len - (size_t)(names[i] - path);
    }
    return lens[0] == lens[1] && (lens[0] == 0 || memcmp(names[0], names[1], lens[0]) == 0);
}

/* A short run that failed early has little in common with a long one, but most of its own. */
static void judge(struct diff_job *job)
{
    struct diff_report *report = job->report;
    const struct comparison *c = &job->comparisons[report->shown];
    bool same = same_program(report), less = c->items < c->ref_items;
    uint64_t whole = same == less ? c->items : c->ref_items;
    report->alike = whole > 0 ? (double)c->same / (double)whole : 1;
    report->unrelated = report->alike < (same ? UNRELATED_SAME : UNRELATED_SHARE);
    memcpy(report->ignored, c->ignored, sizeof report->ignored);
    const struct report_run *a = &report->runs[report->reference];
    report->same = true;
    for (size_t i = 0; i < report->n_runs; i++) {
        const struct report_run *b = &report->runs[i];
        if (!b->run->passes && (a->ended != b->ended || a->status != b->status))
            report->same = false;
    }
    for (size_t i = 0; i < job->n_failing; i++) {
        for (size_t j = 0; j < job->failing[i]->n; j++) {
            const struct point *p = &job->failing[i]->points[j];
            report->noise += p->noise && i == job->explanation.shown;
            if (p->kind != POINT_IGNORED && !p->weak && !p->noise)
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
    int r = read_all(job, read_census, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < report->n_runs; i++)
        note_end(&report->runs[i]);
    r = match_tasks(job);
    if (r < 0)
        return r;
    r = read_all(job, read_sequences, err);
    if (r < 0)
        return r;
    r = compare_runs(job);
    if (r == 0)
        r = explain(job->passing, job->n_passing, job->failing, job->n_failing, job->failing_census,
                    &job->explanation);
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
    job->sequences = calloc(n, sizeof *job->sequences);
    job->comparisons = calloc(n, sizeof *job->comparisons);
    job->passing = calloc(n, sizeof *job->passing);
    job->failing = calloc(n, sizeof *job->failing);
    job->failing_run = calloc(n, sizeof *job->failing_run);
    job->failing_census = calloc(n, sizeof *job->failing_census);
    if (report->runs == NULL || job->sequences == NULL || job->comparisons == NULL ||
        job->passing == NULL || job->failing == NULL || job->failing_run == NULL ||
        job->failing_census == NULL)
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
    for (size_t i = 0; job->report != NULL && i < job->report->n_runs; i++) {
        sequences_done(&job->sequences[i]);
        comparison_done(&job->comparisons[i]);
    }
    free(job->sequences);
    free(job->comparisons);
    free(job->passing);
    free(job->failing);
    free(job->failing_run);
    free(job->failing_census);
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
    for (size_t i = 0; i < report->n_runs; i++)
        census_done(&report->runs[i].census);
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

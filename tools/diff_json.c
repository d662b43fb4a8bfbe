/* Owns the form of `reprise diff --json`. Fields are only ever added within a schema; the manual
 * page reprise-diff(1) documents them. */
#include "tools/diff_view.h"
#include "tools/json_values.h"

#include <errno.h>
#include <stdio.h>

#define SCHEMA 1

static const char *const point_names[] = {
    [POINT_INPUT] = "given-otherwise",     [POINT_CALL] = "changed",
    [POINT_MISSING] = "only-in-reference", [POINT_EXTRA] = "only-in-shown",
    [POINT_IGNORED] = "ignored",
};
static const char *const suspicion_names[] = {
    [SUSPECT_INPUT] = "precedes",
    [SUSPECT_IGNORED] = "ignored-as-a-rule",
    [SUSPECT_ORDER] = "order-of-threads",
    [SUSPECT_WEAK] = "waiting",
};

static json_t *words(int r, struct buf *b)
{
    json_t *text = r == 0 ? json_bytes(b->data, b->len) : NULL;
    buf_done(b);
    return text;
}

static json_t *maybe_text(const char *text)
{
    return text != NULL ? json_text(text) : json_null();
}

static json_t *moment_of(const struct diff_report *report, size_t run, const struct moment *m,
                         bool *failed)
{
    if (m == NULL)
        return json_null();
    const struct census_task *t = &report->runs[run].census.tasks[m->task];
    json_t *o = json_object();
    struct buf who = {0};
    json_put(o, "event", json_number(m->number), failed);
    json_put(o, "time_ns", json_number(m->time), failed);
    json_put(o, "pid", json_integer(t->pid), failed);
    json_put(o, "tid", json_integer(t->tid), failed);
    json_put(o, "task", words(diff_view_task(report, run, m->task, &who), &who), failed);
    json_put(o, "text", maybe_text(m->text), failed);
    json_put(o, "place", maybe_text(m->place), failed);
    if (m->done)
        json_put(o, "result", json_integer(m->result), failed);
    return o;
}

static json_t *bytes_of(const struct finding *f, bool *failed)
{
    if (!f->has_bytes)
        return json_null();
    json_t *o = json_object();
    json_put(o, "first_difference", json_number(f->bytes.at), failed);
    for (int ref = 1; ref >= 0; ref--) {
        struct diff_view_row rows[DIFF_VIEW_ROWS_MAX];
        size_t n = diff_view_rows(&f->bytes, ref == 1, rows);
        struct buf hex = {0};
        int r = 0;
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < rows[i].len && r == 0; j++) {
                char two[3];
                snprintf(two, sizeof two, "%02x", rows[i].data[j]);
                r = buf_append(&hex, two, 2);
            }
        }
        if (n > 0 && ref == 1)
            json_put(o, "offset", json_number(rows[0].offset), failed);
        json_put(o, ref == 1 ? "reference" : "shown", words(r, &hex), failed);
    }
    return o;
}

static json_t *finding_of(const struct diff_report *report, const struct finding *f, bool *failed)
{
    json_t *o = json_object();
    size_t ref = report->reference, run = report->shown;
    json_put(o, "kind", json_string(cause_kind(f->cause)->slug), failed);
    json_put(o, "object", maybe_text(f->object), failed);
    json_put(o, "why", json_string(suspicion_names[f->suspicion]), failed);
    json_put(o, "failing_runs", json_integer(f->support), failed);
    json_put(o, "reference", moment_of(report, ref, f->ref, failed), failed);
    json_put(o, "shown", moment_of(report, run, f->run, failed), failed);
    json_put(o, "reference_instead", moment_of(report, ref, f->ref_other, failed), failed);
    json_put(o, "shown_instead", moment_of(report, run, f->run_other, failed), failed);
    json_put(o, "reference_text", maybe_text(diff_view_side(f, true)), failed);
    json_put(o, "shown_text", maybe_text(diff_view_side(f, false)), failed);
    json_put(o, "bytes", bytes_of(f, failed), failed);
    return o;
}

static json_t *run_of(const struct report_run *run, bool *failed)
{
    json_t *o = json_object();
    json_put(o, "name", json_text(run->run->name), failed);
    json_put(o, "passed", json_boolean(run->run->passes), failed);
    json_put(o, "end", run->ended ? json_end(run->status, failed) : json_null(), failed);
    json_put(o, "torn", json_boolean(run->torn), failed);
    json_put(o, "incomplete", json_boolean(run->incomplete), failed);
    json_put(o, "events", json_number(run->census.events), failed);
    json_put(o, "tasks", json_number(run->census.n), failed);
    return o;
}

static json_t *hunk_of(const struct diff_report *report, const struct hunk *h, bool *failed)
{
    json_t *o = json_object(), *lines = json_array();
    struct buf who = {0}, what = {0};
    bool alone = h->task == CENSUS_NONE;
    size_t run = alone ? report->reference : report->shown;
    json_put(o, "task",
             words(diff_view_task(report, run, alone ? h->ref_task : h->task, &who), &who), failed);
    json_put(o, "what", words(diff_view_hunk(report, h, &what), &what), failed);
    json_put(o, "changed", json_number(h->n_changed), failed);
    json_put(o, "given_otherwise", json_number(h->n_given), failed);
    json_put(o, "only_in_reference", json_number(h->n_missing), failed);
    json_put(o, "only_in_shown", json_number(h->n_extra), failed);
    json_put(o, "times", json_number(h->times), failed);
    for (size_t i = 0; i < h->n_lines; i++) {
        json_t *line = json_object();
        json_put(line, "kind", json_string(point_names[h->lines[i].kind]), failed);
        json_put(line, "reference", moment_of(report, report->reference, h->lines[i].ref, failed),
                 failed);
        json_put(line, "shown", moment_of(report, report->shown, h->lines[i].run, failed), failed);
        json_add(lines, line, failed);
    }
    json_put(o, "lines", lines, failed);
    return o;
}

static json_t *ignored_of(const struct diff_view *v, bool *failed)
{
    const struct diff_report *report = v->report;
    json_t *all = json_object();
    for (size_t k = 0; k < IGNORED_COUNT; k++) {
        json_t *o = json_object(), *examples = json_array();
        json_put(o, "events", json_number(report->ignored[k]), failed);
        for (size_t i = 0; v->show_ignored && i < REPORT_EXAMPLES; i++) {
            const struct ignored_example *e = &report->examples[k][i];
            if (e->ref == NULL && e->run == NULL)
                continue;
            json_t *pair = json_object();
            json_put(pair, "reference", moment_of(report, report->reference, e->ref, failed),
                     failed);
            json_put(pair, "shown", moment_of(report, report->shown, e->run, failed), failed);
            json_add(examples, pair, failed);
        }
        json_put(o, "examples", examples, failed);
        json_put(all, ignored_kind((enum ignored)k)->name, o, failed);
    }
    return all;
}

static json_t *whole(const struct diff_view *v, bool *failed)
{
    const struct diff_report *report = v->report;
    json_t *root = json_object(), *runs = json_array(), *causes = json_array(),
           *hunks = json_array();
    struct buf verdict = {0};
    json_put(root, "schema", json_integer(SCHEMA), failed);
    json_put(root, "same", json_boolean(report->same), failed);
    json_put(root, "unrelated", json_boolean(report->unrelated), failed);
    json_put(root, "alike", json_real(report->alike), failed);
    json_put(root, "verdict", words(diff_view_verdict(report, &verdict), &verdict), failed);
    for (size_t i = 0; i < report->n_runs; i++)
        json_add(runs, run_of(&report->runs[i], failed), failed);
    json_put(root, "runs", runs, failed);
    json_put(root, "reference", json_integer((json_int_t)report->reference), failed);
    json_put(root, "shown", json_integer((json_int_t)report->shown), failed);
    for (size_t i = 0; i < report->n_causes && !report->same; i++)
        json_add(causes, finding_of(report, &report->causes[i], failed), failed);
    json_put(root, "input", causes, failed);
    json_put(root, "behaviour",
             report->has_act ? finding_of(report, &report->act, failed) : json_null(), failed);
    for (size_t i = 0; i < report->n_hunks; i++)
        json_add(hunks, hunk_of(report, &report->hunks[i], failed), failed);
    json_put(root, "differences", hunks, failed);
    json_put(root, "differences_left_out", json_number(report->n_hunks_left_out), failed);
    json_put(root, "events_left_out", json_number(report->n_points_left_out), failed);
    json_put(root, "noise", json_number(report->noise), failed);
    json_put(root, "ignored", ignored_of(v, failed), failed);
    return root;
}

int diff_print_json(const struct diff_view *v)
{
    bool failed = false;
    json_t *root = whole(v, &failed);
    if (!failed) {
        json_dumpf(root, stdout, JSON_INDENT(2)); /* what fails here shows in ferror(stdout) */
        putchar('\n');
    }
    json_decref(root);
    return failed ? -ENOMEM : 0;
}

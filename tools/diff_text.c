/* Owns the form of `reprise diff` for people at a terminal. */
#include "base/utf8.h"
#include "tools/diff_view.h"
#include "tools/text.h"
#include "tools/word_diff.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BOLD    "\033[1m"
#define RED     "\033[31m"
#define GREEN   "\033[32m"
#define REVERSE "\033[7m"
#define DIM     "\033[2m"
#define PLAIN   "\033[0m"

#define HUNKS_SHOWN  20
#define CAUSES_SHOWN 4

static void style(const struct diff_view *v, const char *code)
{
    if (v->colour)
        fputs(code, stdout);
}

/* What comes from a trace may hold anything; nothing of it may steer the terminal. */
static void clean(const char *text, size_t len)
{
    struct buf b = {0};
    if (utf8_append(&b, text, len) == 0) {
        for (size_t i = 0; i < b.len; i++) {
            uint8_t c = b.data[i];
            if (c < 0x20 || c == 0x7f)
                printf("\\x%02x", c);
            else
                putchar(c);
        }
    }
    buf_done(&b);
}

static void clean_buf(const struct buf *b)
{
    clean((const char *)b->data, b->len);
}

/* ---- lines side by side ---- */

static void spans(const struct diff_view *v, const char *text, const struct word_spans *s,
                  const char *colour)
{
    for (size_t i = 0; i < s->n; i++) {
        style(v, colour);
        if (s->v[i].changed)
            style(v, REVERSE);
        clean(text + s->v[i].from, s->v[i].to - s->v[i].from);
        style(v, PLAIN);
    }
}

static void side(const struct diff_view *v, char sign, const char *text, const struct word_spans *s)
{
    const char *colour = sign == '-' ? RED : GREEN;
    style(v, colour);
    printf("    %c ", sign);
    style(v, PLAIN);
    if (s != NULL) {
        spans(v, text, s, colour);
    } else {
        style(v, colour);
        clean(text, strlen(text));
        style(v, PLAIN);
    }
    putchar('\n');
}

/* The lines of the reference (-) and of the run (+); NULL: none. */
static int both_sides(const struct diff_view *v, const char *ref, const char *run)
{
    struct word_spans a = {0}, b = {0};
    bool pair = ref != NULL && run != NULL;
    if (pair && strcmp(ref, run) == 0) {
        printf("      ");
        clean(ref, strlen(ref));
        putchar('\n');
        return 0;
    }
    int r = pair ? word_diff(ref, run, &a, &b) : 0;
    if (r < 0)
        return r;
    if (ref != NULL)
        side(v, '-', ref, pair ? &a : NULL);
    if (run != NULL)
        side(v, '+', run, pair ? &b : NULL);
    free(a.v);
    free(b.v);
    return 0;
}

/* ---- bytes ---- */

static void row(const struct diff_view *v, const struct bytes_pair *pair, bool ref,
                const struct diff_view_row *r)
{
    const struct moment_bytes *other = ref ? pair->run : pair->ref;
    const char *colour = ref ? RED : GREEN;
    printf("    %c %06zx ", ref ? '-' : '+', r->offset);
    for (size_t i = 0; i < DIFF_VIEW_ROW; i++) {
        size_t at = r->offset + i;
        bool has = i < r->len;
        bool differs = has && (other == NULL || at >= other->len || other->data[at] != r->data[i]);
        putchar(' ');
        if (differs)
            style(v, colour);
        if (has)
            printf("%02x", r->data[i]);
        else
            fputs("  ", stdout);
        if (differs)
            style(v, PLAIN);
    }
    fputs("  |", stdout);
    for (size_t i = 0; i < r->len; i++)
        putchar(r->data[i] >= 0x20 && r->data[i] < 0x7f ? r->data[i] : '.');
    fputs("|\n", stdout);
}

static void bytes(const struct diff_view *v, const struct finding *f)
{
    struct diff_view_row a[DIFF_VIEW_ROWS_MAX], b[DIFF_VIEW_ROWS_MAX];
    size_t n = diff_view_rows(&f->bytes, true, a), m = diff_view_rows(&f->bytes, false, b);
    if (!f->has_bytes || (n == 0 && m == 0))
        return;
    printf("    bytes, the first difference at %zu:\n", f->bytes.at);
    for (size_t i = 0; i < n || i < m; i++) {
        if (i < n && a[i].len > 0)
            row(v, &f->bytes, true, &a[i]);
        if (i < m && b[i].len > 0)
            row(v, &f->bytes, false, &b[i]);
    }
}

/* ---- findings ---- */

static int where(const struct diff_view *v, char sign, size_t run, const struct moment *m)
{
    char when[TEXT_MAX];
    struct buf b = {0};
    if (m == NULL)
        return 0;
    int r = diff_view_task(v->report, run, m->task, &b);
    if (r == 0) {
        style(v, DIM);
        text_duration(m->time, when);
        printf("    %c in ", sign);
        clean_buf(&b);
        printf(" after %s", when);
        if (m->place != NULL) {
            printf(", at ");
            clean(m->place, strlen(m->place));
        }
        style(v, PLAIN);
        putchar('\n');
    }
    buf_done(&b);
    return r;
}

static int finding(const struct diff_view *v, const char *title, const struct finding *f,
                   const char *why)
{
    const struct diff_report *report = v->report;
    struct buf b = {0};
    int r = diff_view_cause(f, &b);
    if (r < 0)
        return r;
    style(v, BOLD);
    printf("%s", title);
    clean_buf(&b);
    style(v, PLAIN);
    putchar('\n');
    buf_done(&b);
    printf("  (%s%s", cause_kind(f->cause)->meaning, why[0] != '\0' ? "; " : "");
    printf("%s", why);
    if (report->n_failing > 1)
        printf("; so in %u of %zu failing runs", f->support, report->n_failing);
    printf(")\n");
    r = where(v, '-', report->reference, f->ref);
    if (r == 0)
        r = where(v, '+', report->shown, f->run);
    if (r == 0)
        r = both_sides(v, diff_view_side(f, true), diff_view_side(f, false));
    if (r == 0 && f->ref_other != NULL)
        side(v, '-', f->ref_other->text, NULL);
    if (r == 0 && f->run_other != NULL)
        side(v, '+', f->run_other->text, NULL);
    if (r == 0)
        bytes(v, f);
    return r;
}

static int findings(const struct diff_view *v)
{
    const struct diff_report *report = v->report;
    int r = 0;
    if (report->n_causes > 0) {
        putchar('\n');
        r = finding(v, "First difference in input: ", &report->causes[0],
                    diff_view_suspicion(report, &report->causes[0]));
    }
    if (r == 0 && report->has_act) {
        putchar('\n');
        r = finding(v, "First difference in ", &report->act, "");
    }
    for (size_t i = 1; i < report->n_causes && i < CAUSES_SHOWN && r == 0; i++) {
        const struct finding *f = &report->causes[i];
        struct buf b = {0};
        if (i == 1)
            printf("\nOther candidates:\n");
        r = diff_view_cause(f, &b);
        printf("  ");
        clean_buf(&b);
        printf(" (%s)\n", diff_view_suspicion(report, f));
        buf_done(&b);
        if (r == 0)
            r = both_sides(v, diff_view_side(f, true), diff_view_side(f, false));
    }
    return r;
}

/* ---- the rest ---- */

static int hunk(const struct diff_view *v, const struct hunk *h)
{
    const struct diff_report *report = v->report;
    struct buf b = {0};
    bool alone = h->task == CENSUS_NONE;
    int r = diff_view_task(report, alone ? report->reference : report->shown,
                           alone ? h->ref_task : h->task, &b);
    if (r == 0)
        r = buf_append(&b, ": ", 2);
    if (r == 0)
        r = diff_view_hunk(report, h, &b);
    style(v, BOLD);
    printf("  ");
    clean_buf(&b);
    style(v, PLAIN);
    putchar('\n');
    buf_done(&b);
    for (size_t i = 0; i < h->n_lines && r == 0; i++)
        r = both_sides(v, h->lines[i].ref != NULL ? h->lines[i].ref->text : NULL,
                       h->lines[i].run != NULL ? h->lines[i].run->text : NULL);
    size_t all = h->n_changed + h->n_given + h->n_missing + h->n_extra;
    size_t told = h->period > 0 ? h->period : all;
    if (told > h->n_lines)
        printf("      ... and %zu more\n", told - h->n_lines);
    return r;
}

static int rest(const struct diff_view *v)
{
    const struct diff_report *report = v->report;
    int r = 0;
    if (report->n_hunks == 0)
        return 0;
    printf("\nAll differences:\n");
    size_t n = report->n_hunks < HUNKS_SHOWN ? report->n_hunks : HUNKS_SHOWN;
    for (size_t i = 0; i < n && r == 0; i++)
        r = hunk(v, &report->hunks[i]);
    if (report->n_hunks + report->n_hunks_left_out > n)
        printf("  ... and %zu more places\n", report->n_hunks + report->n_hunks_left_out - n);
    if (report->n_points_left_out > 0)
        printf("  ... and %llu more events\n", (unsigned long long)report->n_points_left_out);
    return r;
}

static int ignored(const struct diff_view *v)
{
    const struct diff_report *report = v->report;
    bool any = false;
    int r = 0;
    for (size_t k = 0; k < IGNORED_COUNT && r == 0; k++) {
        if (report->ignored[k] == 0)
            continue;
        if (v->show_ignored)
            printf("%s  %-12s %8llu  %s\n", any ? "" : "\nIgnored:\n",
                   ignored_kind((enum ignored)k)->name, (unsigned long long)report->ignored[k],
                   ignored_kind((enum ignored)k)->help);
        else
            printf("%s%s %llu", any ? ", " : "\nIgnored: ", ignored_kind((enum ignored)k)->name,
                   (unsigned long long)report->ignored[k]);
        any = true;
        for (size_t i = 0; v->show_ignored && i < REPORT_EXAMPLES && r == 0; i++) {
            const struct ignored_example *e = &report->examples[k][i];
            r = both_sides(v, e->ref != NULL ? e->ref->text : NULL,
                           e->run != NULL ? e->run->text : NULL);
        }
    }
    if (any && !v->show_ignored)
        printf(" (--show-ignored tells them)\n");
    if (report->noise > 0)
        printf("%llu differences that passing runs have among themselves were left out\n",
               (unsigned long long)report->noise);
    return r;
}

/* ---- the head ---- */

static void run_line(const struct diff_view *v, size_t i)
{
    const struct diff_report *report = v->report;
    const struct report_run *run = &report->runs[i];
    char sign = i == report->reference ? '-' : i == report->shown ? '+' : ' ';
    char took[TEXT_MAX];
    struct buf b = {0};
    text_duration(run->census.end_time, took);
    printf("%c %-6s ", sign, run->run->passes ? "passed" : "failed");
    clean(run->run->name, strlen(run->run->name));
    if (diff_view_end(run, &b) == 0) {
        printf(": ");
        clean_buf(&b);
    }
    buf_done(&b);
    printf(", %llu events, %zu task%s, %s", (unsigned long long)run->census.events, run->census.n,
           run->census.n == 1 ? "" : "s", took);
    if (run->torn)
        printf("; the trace is torn: its end is missing");
    else if (run->incomplete)
        printf("; the recording ended before the program did");
    putchar('\n');
}

static int verdict(const struct diff_view *v)
{
    const struct diff_report *report = v->report;
    struct buf b = {0};
    int r = diff_view_verdict(report, &b);
    style(v, BOLD);
    clean_buf(&b);
    style(v, PLAIN);
    fputs(".\n", stdout);
    buf_done(&b);
    for (size_t i = 0; i < report->n_runs; i++)
        run_line(v, i);
    if (report->unrelated) {
        struct buf a = {0}, c = {0};
        if (diff_view_task(report, report->reference, 0, &a) == 0 &&
            diff_view_task(report, report->shown, 0, &c) == 0) {
            printf("One is ");
            clean_buf(&a);
            printf(", the other is ");
            clean_buf(&c);
            printf(": there is nothing to compare.\n");
        }
        buf_done(&a);
        buf_done(&c);
    }
    return r;
}

int diff_print_text(const struct diff_view *v)
{
    int r = verdict(v);
    if (r == 0 && !v->report->unrelated && !v->report->same) {
        r = findings(v);
        if (r == 0)
            r = rest(v);
    }
    return r == 0 ? ignored(v) : r;
}

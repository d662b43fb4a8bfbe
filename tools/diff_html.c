/* Owns the form of `reprise diff --html`: one page, side by side, that loads nothing. */
#include "base/utf8.h"
#include "tools/diff_view.h"
#include "tools/text.h"
#include "tools/word_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>reprise "
    "diff</title>\n<style>\n"
    ":root{color-scheme:light dark;--old:#ffebe9;--new:#dafbe1;--oldw:#ffc1bc;--neww:#9be9a8}\n"
    "@media(prefers-color-scheme:dark){:root{--old:#3a1d1d;--new:#12301c;--oldw:#7d2b2b;"
    "--neww:#1f6f3a}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:1.5em;max-width:110em}\n"
    "h1{font-size:1.35em}h2{font-size:1.1em;margin:1.6em 0 .3em}\n"
    "p{margin:.2em 0}small,.why{opacity:.75}\n"
    "table.sides{border-collapse:collapse;width:100%;table-layout:fixed;margin:.4em 0}\n"
    "table.sides td{width:50%;vertical-align:top;padding:.15em .5em;"
    "font:13px/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;"
    "border:1px solid #8884}\n"
    "td.old{background:var(--old)}td.new{background:var(--new)}\n"
    "td.old b{background:var(--oldw);font-weight:inherit}"
    "td.new b{background:var(--neww);font-weight:inherit}\n"
    "summary{cursor:pointer}table.runs td,table.ignored td{padding:.1em .8em .1em 0}\n"
    "</style>\n</head>\n<body>\n";

static void plain(FILE *to, const char *text, size_t len)
{
    struct buf b = {0};
    if (utf8_append(&b, text, len) == 0) {
        for (size_t i = 0; i < b.len; i++) {
            uint8_t c = b.data[i];
            if (c == '<')
                fputs("&lt;", to);
            else if (c == '>')
                fputs("&gt;", to);
            else if (c == '&')
                fputs("&amp;", to);
            else if (c == '"')
                fputs("&quot;", to);
            else if (c < 0x20 || c == 0x7f)
                fprintf(to, "\\x%02x", c);
            else
                putc(c, to);
        }
    }
    buf_done(&b);
}

static void plain_text(FILE *to, const char *text)
{
    plain(to, text, strlen(text));
}

/* Takes over what is in the buffer. */
static int plain_buf(FILE *to, int r, struct buf *b)
{
    if (r == 0)
        plain(to, (const char *)b->data, b->len);
    buf_done(b);
    return r;
}

static void cell(FILE *to, bool ref, const char *text, const struct word_spans *s)
{
    if (text == NULL) {
        fputs("<td></td>", to);
        return;
    }
    fprintf(to, "<td class=\"%s\">", ref ? "old" : "new");
    for (size_t i = 0; s != NULL && i < s->n; i++) {
        fputs(s->v[i].changed ? "<b>" : "", to);
        plain(to, text + s->v[i].from, s->v[i].to - s->v[i].from);
        fputs(s->v[i].changed ? "</b>" : "", to);
    }
    if (s == NULL)
        plain_text(to, text);
    fputs("</td>", to);
}

static int sides(FILE *to, const char *ref, const char *run)
{
    struct word_spans a = {0}, b = {0};
    bool pair = ref != NULL && run != NULL;
    if (!pair && ref == run)
        return 0;
    int r = pair ? word_diff(ref, run, &a, &b) : 0;
    if (r < 0)
        return r;
    fputs("<tr>", to);
    cell(to, true, ref, pair ? &a : NULL);
    cell(to, false, run, pair ? &b : NULL);
    fputs("</tr>\n", to);
    free(a.v);
    free(b.v);
    return 0;
}

static int where(FILE *to, const struct diff_report *report, size_t run, const struct moment *m)
{
    char when[TEXT_MAX];
    struct buf b = {0};
    fputs("<td><small>", to);
    if (m != NULL) {
        int r = plain_buf(to, diff_view_task(report, run, m->task, &b), &b);
        if (r < 0)
            return r;
        text_duration(m->time, when);
        fprintf(to, " after %s", when);
        if (m->place != NULL) {
            fputs(", at ", to);
            plain_text(to, m->place);
        }
    }
    fputs("</small></td>", to);
    return 0;
}

static int row_text(const struct diff_view_row *row, struct buf *b)
{
    char part[32];
    int n = snprintf(part, sizeof part, "%06zx ", row->offset), r = 0;
    r = buf_append(b, part, (size_t)n);
    for (size_t i = 0; i < DIFF_VIEW_ROW && r == 0; i++) {
        n = i < row->len ? snprintf(part, sizeof part, " %02x", row->data[i])
                         : snprintf(part, sizeof part, "   ");
        r = buf_append(b, part, (size_t)n);
    }
    for (size_t i = 0; i < row->len && r == 0; i++) {
        bool shown = row->data[i] >= 0x20 && row->data[i] < 0x7f;
        n = snprintf(part, sizeof part, "%s%c", i == 0 ? "  " : "", shown ? row->data[i] : '.');
        r = buf_append(b, part, (size_t)n);
    }
    return r == 0 ? buf_append(b, "", 1) : r;
}

static int bytes(FILE *to, const struct finding *f)
{
    struct diff_view_row a[DIFF_VIEW_ROWS_MAX], b[DIFF_VIEW_ROWS_MAX];
    if (!f->has_bytes)
        return 0;
    size_t n = diff_view_rows(&f->bytes, true, a), m = diff_view_rows(&f->bytes, false, b);
    int r = 0;
    for (size_t i = 0; (i < n || i < m) && r == 0; i++) {
        struct buf x = {0}, y = {0};
        if (i < n && a[i].len > 0)
            r = row_text(&a[i], &x);
        if (i < m && b[i].len > 0 && r == 0)
            r = row_text(&b[i], &y);
        if (r == 0)
            r = sides(to, (const char *)x.data, (const char *)y.data);
        buf_done(&x);
        buf_done(&y);
    }
    return r;
}

static int finding(FILE *to, const struct diff_report *report, const char *title,
                   const struct finding *f, const char *why)
{
    struct buf b = {0};
    fprintf(to, "<h2>%s", title);
    int r = plain_buf(to, diff_view_cause(f, &b), &b);
    fprintf(to, "</h2>\n<p class=\"why\">%s%s%s", cause_kind(f->cause)->meaning,
            why[0] != '\0' ? "; " : "", why);
    if (report->n_failing > 1)
        fprintf(to, "; so in %u of %zu failing runs", f->support, report->n_failing);
    fputs("</p>\n<table class=\"sides\">\n<tr>", to);
    if (r == 0)
        r = where(to, report, report->reference, f->ref);
    if (r == 0)
        r = where(to, report, report->shown, f->run);
    fputs("</tr>\n", to);
    if (r == 0)
        r = sides(to, diff_view_side(f, true), diff_view_side(f, false));
    if (r == 0)
        r = sides(to, f->ref_other != NULL ? f->ref_other->text : NULL,
                  f->run_other != NULL ? f->run_other->text : NULL);
    if (r == 0)
        r = bytes(to, f);
    fputs("</table>\n", to);
    return r;
}

static int hunk(FILE *to, const struct diff_report *report, const struct hunk *h)
{
    struct buf who = {0}, what = {0};
    bool alone = h->task == CENSUS_NONE;
    fputs("<details open><summary>", to);
    int r = plain_buf(to,
                      diff_view_task(report, alone ? report->reference : report->shown,
                                     alone ? h->ref_task : h->task, &who),
                      &who);
    fputs(": ", to);
    if (r == 0)
        r = plain_buf(to, diff_view_hunk(report, h, &what), &what);
    fputs("</summary>\n<table class=\"sides\">\n", to);
    for (size_t i = 0; i < h->n_lines && r == 0; i++)
        r = sides(to, h->lines[i].ref != NULL ? h->lines[i].ref->text : NULL,
                  h->lines[i].run != NULL ? h->lines[i].run->text : NULL);
    fputs("</table>\n</details>\n", to);
    return r;
}

static int runs(FILE *to, const struct diff_report *report)
{
    int r = 0;
    fputs("<table class=\"runs\">\n", to);
    for (size_t i = 0; i < report->n_runs && r == 0; i++) {
        const struct report_run *run = &report->runs[i];
        struct buf b = {0};
        fprintf(to, "<tr><td>%s</td><td>%s</td><td>",
                i == report->reference ? "left"
                : i == report->shown   ? "right"
                                       : "",
                run->run->passes ? "passed" : "failed");
        plain_text(to, run->run->name);
        fputs("</td><td>", to);
        r = plain_buf(to, diff_view_end(run, &b), &b);
        fprintf(to, "</td><td>%llu events, %zu tasks%s</td></tr>\n",
                (unsigned long long)run->census.events, run->census.n,
                run->torn         ? "; the trace is torn: its end is missing"
                : run->incomplete ? "; the recording ended before the program did"
                                  : "");
    }
    fputs("</table>\n", to);
    return r;
}

static void ignored(FILE *to, const struct diff_report *report)
{
    fputs("<h2>Ignored</h2>\n<table class=\"ignored\">\n", to);
    for (size_t k = 0; k < IGNORED_COUNT; k++)
        if (report->ignored[k] > 0)
            fprintf(to, "<tr><td>%s</td><td>%llu</td><td>%s</td></tr>\n",
                    ignored_kind((enum ignored)k)->name, (unsigned long long)report->ignored[k],
                    ignored_kind((enum ignored)k)->help);
    fputs("</table>\n", to);
}

int diff_print_html(const struct diff_view *v, FILE *to)
{
    const struct diff_report *report = v->report;
    struct buf b = {0};
    fputs(head, to);
    fputs("<h1>", to);
    int r = plain_buf(to, diff_view_verdict(report, &b), &b);
    fputs("</h1>\n", to);
    if (r == 0)
        r = runs(to, report);
    bool told = !report->same && !report->unrelated;
    if (r == 0 && told && report->n_causes > 0)
        r = finding(to, report, "First difference in input: ", &report->causes[0],
                    diff_view_suspicion(report, &report->causes[0]));
    if (r == 0 && told && report->has_act)
        r = finding(to, report, "First difference in ", &report->act, "");
    for (size_t i = 1; i < report->n_causes && r == 0 && told; i++)
        r = finding(to, report, "Other candidate: ", &report->causes[i],
                    diff_view_suspicion(report, &report->causes[i]));
    if (told && report->n_hunks > 0)
        fputs("<h2>All differences</h2>\n", to);
    for (size_t i = 0; i < report->n_hunks && r == 0 && told; i++)
        r = hunk(to, report, &report->hunks[i]);
    if (report->n_hunks_left_out > 0)
        fprintf(to, "<p>... and %zu more places</p>\n", report->n_hunks_left_out);
    if (report->n_points_left_out > 0 && told)
        fprintf(to, "<p>... and %llu more events</p>\n",
                (unsigned long long)report->n_points_left_out);
    ignored(to, report);
    fputs("</body>\n</html>\n", to);
    return r;
}

/* Owns the words in which all forms of `reprise diff` speak. */
#include "tools/diff_view.h"

#include "tools/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static int put(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int put(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    char *text;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return -ENOMEM;
    int r = buf_append(b, text, (size_t)n);
    free(text);
    return r;
}

int diff_view_task(const struct diff_report *report, size_t run, size_t task, struct buf *b)
{
    const struct census *census = &report->runs[run].census;
    if (task >= census->n)
        return put(b, "no task");
    const struct census_task *t = &census->tasks[task];
    const char *label = t->label != NULL ? t->label : "?";
    if (t->rank > 0)
        return put(b, "thread %d of process %d (%s)", t->tid, t->pid, label);
    return put(b, "process %d (%s)", t->pid, label);
}

int diff_view_end(const struct report_run *run, struct buf *b)
{
    if (!run->ended)
        return put(b, "has no end in its trace");
    if (!WIFSIGNALED(run->status))
        return put(b, "exited with %d", WEXITSTATUS(run->status));
    char name[TEXT_MAX];
    text_status(run->status, name);
    return put(b, "was killed by %s", name);
}

int diff_view_verdict(const struct diff_report *report, struct buf *b)
{
    const struct report_run *ref = &report->runs[report->reference];
    const struct report_run *run = &report->runs[report->shown];
    if (report->unrelated)
        return put(b,
                   "The runs are of unrelated programs: they have %.0f%% of their events in common",
                   report->alike * 100);
    int r = put(b, "%s ", ref->run->name);
    if (r == 0)
        r = diff_view_end(ref, b);
    if (r == 0)
        r = put(b, "; %s ", run->run->name);
    if (r == 0)
        r = diff_view_end(run, b);
    bool same_end = ref->ended == run->ended && ref->status == run->status;
    if (r == 0 && same_end)
        r = put(b, report->same ? ", and nothing else differs" : ", but they differ on the way");
    return r;
}

int diff_view_cause(const struct finding *f, struct buf *b)
{
    int r = put(b, "%s", cause_kind(f->cause)->name);
    return r == 0 && f->object != NULL ? put(b, ": %s", f->object) : r;
}

const char *diff_view_suspicion(const struct diff_report *report, const struct finding *f)
{
    switch (f->suspicion) {
    case SUSPECT_INPUT:
        if (!report->has_act)
            return "what the program was given differs";
        return f->related ? "what the program was given before it behaved differently"
                          : "what another process of the program was given before that";
    case SUSPECT_IGNORED:
        return "ignored as a rule; nothing else differs before the program behaves differently";
    case SUSPECT_ORDER:
        return "threads that share memory took turns in another order; nothing else differs before";
    case SUSPECT_WEAK:
        return "how the program waited differs";
    }
    return "";
}

/* "3 only in fail.reprise", with a comma before if it is not the first; nothing for none. */
static int put_count(struct buf *b, size_t n, const char *what, const char *name, bool *first)
{
    if (n == 0)
        return 0;
    int r = put(b, "%s%zu %s%s", *first ? "" : ", ", n, what, name);
    *first = false;
    return r;
}

int diff_view_hunk(const struct diff_report *report, const struct hunk *h, struct buf *b)
{
    size_t n = h->n_missing + h->n_extra;
    const char *ref = report->runs[report->reference].run->name;
    const char *run = report->runs[report->shown].run->name;
    bool first = true;
    int r = 0;
    if (h->period > 0 && n > h->period) {
        r = put(b, "a loop of %zu event%s ran %zu times more in %s", h->period,
                h->period == 1 ? "" : "s", n / h->period, h->n_extra > 0 ? run : ref);
    } else {
        r = put_count(b, h->n_changed, "changed", "", &first);
        if (r == 0)
            r = put_count(b, h->n_given, "given otherwise", "", &first);
        if (r == 0)
            r = put_count(b, h->n_missing, "only in ", ref, &first);
        if (r == 0)
            r = put_count(b, h->n_extra, "only in ", run, &first);
    }
    return r == 0 && h->times > 1 ? put(b, "; %zu times like this", h->times) : r;
}

const char *diff_view_side(const struct finding *f, bool ref)
{
    const char *text = ref ? f->ref_text : f->run_text;
    const struct moment *m = ref ? f->ref : f->run;
    if (text != NULL)
        return text;
    return m != NULL ? m->text : NULL;
}

/* From the row before the one with the first difference. */
size_t diff_view_rows(const struct bytes_pair *pair, bool ref,
                      struct diff_view_row rows[DIFF_VIEW_ROWS_MAX])
{
    const struct moment_bytes *bytes = ref ? pair->ref : pair->run;
    const struct moment_bytes *other = ref ? pair->run : pair->ref;
    size_t first = pair->at / DIFF_VIEW_ROW * DIFF_VIEW_ROW;
    first -= first >= DIFF_VIEW_ROW ? DIFF_VIEW_ROW : 0;
    size_t len = bytes != NULL ? bytes->len : 0, other_len = other != NULL ? other->len : 0;
    size_t n = 0;
    for (size_t at = first; n < DIFF_VIEW_ROWS_MAX && (at < len || at < other_len);
         at += DIFF_VIEW_ROW, n++) {
        size_t left = at < len ? len - at : 0;
        rows[n] = (struct diff_view_row){
            .offset = at,
            .len = left < DIFF_VIEW_ROW ? left : DIFF_VIEW_ROW,
            .data = left > 0 ? bytes->data + at : NULL,
        };
    }
    return n;
}

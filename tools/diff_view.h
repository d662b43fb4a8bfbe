/* The forms of `reprise diff`, and the words that they share. */
#ifndef REPRISE_TOOLS_DIFF_VIEW_H
#define REPRISE_TOOLS_DIFF_VIEW_H

#include "base/buf.h"
#include "diff/report.h"

#include <stdbool.h>
#include <stdio.h>

struct diff_view {
    const struct diff_report *report;
    bool show_ignored;
    bool colour;
};

/* Print to stdout. 0 or -ENOMEM. */
int diff_print_text(const struct diff_view *view);
int diff_print_json(const struct diff_view *view);
/* A page of its own. What cannot be written shows in ferror(to). */
int diff_print_html(const struct diff_view *view, FILE *to);

/* ---- words; each appends, 0 or -ENOMEM ---- */

/* "process 4242 (make all)", "thread 4244 of process 4242 (make all)" */
int diff_view_task(const struct diff_report *report, size_t run, size_t task, struct buf *b);
/* "exited with 1", "was killed by SIGSEGV", "has no end in its trace" */
int diff_view_end(const struct report_run *run, struct buf *b);
/* How the ends differ: one sentence. */
int diff_view_verdict(const struct diff_report *report, struct buf *b);
/* "missing file: /etc/app.conf" */
int diff_view_cause(const struct finding *f, struct buf *b);
/* Why it is suspected: a phrase. */
const char *diff_view_suspicion(const struct diff_report *report, const struct finding *f);
/* What a hunk is, in words: "a loop of 3 calls ran 12 times more". */
int diff_view_hunk(const struct diff_report *report, const struct hunk *h, struct buf *b);

/* The text of a side of a finding; NULL: that run did not come to it. */
const char *diff_view_side(const struct finding *f, bool ref);

/* ---- bytes side by side ---- */

#define DIFF_VIEW_ROW      16
#define DIFF_VIEW_ROWS_MAX 4

struct diff_view_row {
    size_t offset;
    size_t len;          /* of data */
    const uint8_t *data; /* NULL: nothing is left there */
};
/* The rows of a buffer around the first difference; returns how many. */
size_t diff_view_rows(const struct bytes_pair *pair, bool ref,
                      struct diff_view_row rows[DIFF_VIEW_ROWS_MAX]);

#endif

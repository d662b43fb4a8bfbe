/* A comparison at work. */
#ifndef REPRISE_DIFF_DIFF_PRIVATE_H
#define REPRISE_DIFF_DIFF_PRIVATE_H

#include "diff/explain.h"
#include "diff/report.h"

struct diff_job {
    struct diff_report *report;
    uint16_t strict;
    struct field_rules *rules;
    struct comparison *comparisons; /* of each run with the reference, whose own is empty */
    struct comparison **passing, **failing;
    size_t *failing_run; /* place in the report's runs of each of `failing` */
    size_t n_passing, n_failing;
    struct explanation explanation;
};

/* Fills in what the report shows of events: reads those from the traces. 0, or -errno with err. */
int diff_show(struct diff_job *job, struct err *err);

/* The variables in which the environments of two traces differ, for people. -ENOMEM. */
int diff_environment(const struct diff_report *report, struct finding *ret);

/* Groups what differs besides. */
struct hunk_plan {
    struct hunk hunk;
    size_t points[REPORT_HUNK_LINES]; /* in the comparison */
    uint64_t signature;
};
int hunks_plan(const struct comparison *c, struct hunk_plan **ret, size_t *ret_n,
               size_t *ret_left_out);

#endif

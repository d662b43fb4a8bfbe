/* What a comparison of runs found, ready to be shown. */
#ifndef REPRISE_DIFF_REPORT_H
#define REPRISE_DIFF_REPORT_H

#include "base/err.h"
#include "diff/cause.h"
#include "diff/census.h"
#include "diff/ignored.h"
#include "diff/moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_CAUSES     8
#define REPORT_HUNKS      200
#define REPORT_HUNK_LINES 12
#define REPORT_EXAMPLES   3

struct diff_run {
    const char *name; /* for people */
    struct trace_reader *trace;
    bool passes;
};

/* One event that differs, or a pair of them. */
struct finding {
    enum cause cause;
    enum suspicion suspicion;
    bool related;
    uint16_t support;                           /* of the failing runs, those that differ so */
    const struct moment *ref, *run;             /* NULL: that run did not come to it */
    const struct moment *ref_other, *run_other; /* of a switch: what took its place */
    char *object;                               /* what it is about; NULL: nothing */
    char *ref_text, *run_text; /* in place of the moments' text; NULL: as the moments have it */
    struct bytes_pair bytes;   /* with has_bytes */
    bool has_bytes;
};

/* What a line of a hunk shows. */
struct hunk_line {
    const struct moment *ref, *run; /* NULL: nothing on that side */
    enum point_kind kind;
};

/* Events of one task that differ, without a common one between. */
struct hunk {
    size_t task, ref_task; /* in the censuses; CENSUS_NONE: that run lacks it */
    size_t n_changed, n_given, n_missing, n_extra;
    size_t times; /* the same one came so often in this task */
    size_t
        period; /* the calls that are only on one side repeat themselves so soon; 0: they do not */
    struct hunk_line lines[REPORT_HUNK_LINES];
    size_t n_lines; /* fewer than there are points: the rest is left out */
};

/* Where something was ignored. */
struct ignored_example {
    const struct moment *ref, *run;
};

struct report_run {
    const struct diff_run *run;
    struct census census;
    bool torn, incomplete;
    bool ended; /* `status` is known */
    int status;
    char *trouble; /* with reading its code: lines for people; NULL: none */
};

struct diff_report {
    struct report_run *runs;
    size_t n_runs, n_failing, n_passing;
    size_t reference, shown; /* of runs: those whose events are told side by side */
    bool same;               /* nothing but what is ignored differs */
    bool unrelated;          /* too little in common to be compared */
    double alike;       /* share of the events of one run that the other has, 0 to 1: of the shorter
one if the programs are the same, else of the longer one */
    struct finding act; /* first difference in behaviour */
    bool has_act;
    struct finding causes[REPORT_CAUSES]; /* the most likely first */
    size_t n_causes;
    struct hunk *hunks;
    size_t n_hunks, n_hunks_left_out;
    uint64_t ignored[IGNORED_COUNT]; /* events, of the run that is shown */
    struct ignored_example examples[IGNORED_COUNT][REPORT_EXAMPLES];
    uint64_t n_points_left_out; /* events that differ and are neither told nor counted in hunks */
    uint64_t noise;             /* differences that passing runs have among themselves, too */
    struct moment *ref_moments, *run_moments; /* by number; all others point here */
    size_t n_ref_moments, n_run_moments;
};

/* Compares runs, of which one at least passes and one at least fails. The traces stay the
 * caller's, who keeps `runs` until the report is freed. `strict`: bits of enum ignored that are not
 * to be ignored. 0, or -errno with err. */
int diff_runs(const struct diff_run *runs, size_t n, uint16_t strict, struct diff_report **ret,
              struct err *err);
void diff_report_free(struct diff_report *report);

#endif

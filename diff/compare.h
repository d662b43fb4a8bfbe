/* Where one run differs from the reference, event by event. */
#ifndef REPRISE_DIFF_COMPARE_H
#define REPRISE_DIFF_COMPARE_H

#include "base/err.h"
#include "diff/field_rules.h"
#include "diff/ignored.h"
#include "diff/points.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run that takes part: the reference, or another one. */
struct side {
    const char *name; /* for messages */
    struct trace_reader *trace;
    const struct census *census;
};

struct compare_rules {
    const struct field_rules *fields;
    uint16_t strict; /* bits of enum ignored */
    /* Once it is sure that fewer events than this do the same, the rest is not read. */
    uint64_t least_same;
};

/* Events of two runs that belong together; kept of processes with several threads. */
struct partners {
    uint32_t ref_number, run_number;
    uint32_t task; /* in the census of the run */
};

struct comparison {
    struct points points;
    struct partners *partners; /* by number in the run */
    size_t n_partners, cap_partners;
    const struct census *ref_census, *census;
    uint64_t ignored[IGNORED_COUNT]; /* events that differ so */
    uint64_t same;                   /* events with a partner that did the same */
    uint64_t ref_items, items;       /* that were compared */
    bool cut_short;                  /* too few are the same: the rest was not read */
};

/* Reads a run and the reference, and compares them; the tasks of both have their tokens. What is
 * given stays the caller's, and the censuses must outlive the comparison. 0, or -errno with err. */
int comparison_make(const struct side *reference, const struct side *run,
                    const struct compare_rules *rules, struct comparison *ret, struct err *err);
void comparison_done(struct comparison *c);

/* Of what differs at a point: the same in all runs that differ there. */
uint64_t comparison_identity(const struct comparison *c, const struct point *p);

#endif

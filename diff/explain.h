/* Which difference matters: where failing runs first behave unlike passing ones, and what they were
 * given before that. */
#ifndef REPRISE_DIFF_EXPLAIN_H
#define REPRISE_DIFF_EXPLAIN_H

#include "diff/compare.h"
#include "diff/task_order.h"

#define EXPLAIN_INPUTS 16

/* How an input comes to be suspected, the strongest first. */
enum suspicion {
    SUSPECT_INPUT = 0, /* it differs, and precedes the act */
    SUSPECT_IGNORED,   /* it is among what is ignored; nothing else differs before the act */
    SUSPECT_ORDER,     /* so do the threads' turns */
    SUSPECT_WEAK,      /* how it waited */
};

struct suspect {
    enum suspicion suspicion;
    const struct point *point;   /* NULL with SUSPECT_ORDER */
    struct task_switch switched; /* with SUSPECT_ORDER */
    bool related; /* of the task that acts, one that shares its memory, or an ancestor */
};

struct explanation {
    size_t shown;            /* the failing run that the points are of, in `failing` */
    const struct point *act; /* the first difference in behaviour; NULL: none */
    struct suspect inputs[EXPLAIN_INPUTS]; /* the most likely first */
    size_t n_inputs;
};

/* `passing` and `failing` are comparisons with the same reference, which passes. Sets noise and
 * support of the points. -ENOMEM. */
int explain(struct comparison *const *passing, size_t n_passing, struct comparison *const *failing,
            size_t n_failing, struct explanation *ret);

#endif

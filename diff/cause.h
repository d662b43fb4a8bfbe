/* What kind of difference it is, in a word. */
#ifndef REPRISE_DIFF_CAUSE_H
#define REPRISE_DIFF_CAUSE_H

#include "diff/explain.h"
#include "diff/moment.h"

enum cause {
    CAUSE_BEHAVIOUR = 0, /* an act of the program */
    CAUSE_DATA,
    CAUSE_ERROR,
    CAUSE_MISSING_FILE,
    CAUSE_SHORT_READ,
    CAUSE_SHORT_WRITE,
    CAUSE_TIMING,
    CAUSE_ENVIRONMENT,
    CAUSE_ARGUMENTS,
    CAUSE_SIGNAL,
    CAUSE_TIME,
    CAUSE_RANDOM,
    CAUSE_DIR_ORDER,
    CAUSE_RESOURCES,
    CAUSE_TASK_ID,
    CAUSE_COUNT,
};

struct cause_kind {
    const char *slug;    /* in JSON: "missing-file" */
    const char *name;    /* for people: "missing file" */
    const char *meaning; /* a sentence */
};

const struct cause_kind *cause_kind(enum cause cause);

/* Classifies what a point tells. Either moment may be NULL: that run did not come to it. */
enum cause cause_of(const struct point *p, const struct moment *ref, const struct moment *run);

/* Of a point at which only ignored things differ. */
enum cause cause_of_ignored(uint16_t kinds);

/* The first byte in which the buffers of two calls differ. */
struct bytes_pair {
    const struct moment_bytes *ref, *run; /* either may be NULL */
    size_t at;
};
/* False: no buffer differs that the call is there to move. `in`: of what the program handed over.
 */
bool cause_find_bytes(const struct moment *ref, const struct moment *run, bool in,
                      struct bytes_pair *ret);

/* Whether results, and all bytes that the trace has, are the same after all. */
bool cause_is_same(const struct moment *ref, const struct moment *run);

#endif

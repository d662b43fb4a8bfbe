/* An event as numbers that are the same in every run that does the same: what the program did, and
 * what it was given. */
#ifndef REPRISE_DIFF_NORMAL_H
#define REPRISE_DIFF_NORMAL_H

#include "diff/model.h"

struct normal {
    uint64_t object;    /* what the call is about: descriptor or path; 0: nothing */
    struct mixer call;  /* what the program did: number, arguments, bytes handed over */
    struct mixer input; /* what it was given: result, bytes, a signal */
};

/* Before model_apply(): the current event as an act of the program. `strict`: bits of enum ignored
 * that are not to be ignored. */
void normal_call(struct model *m, uint16_t strict, struct normal *ret);

/* After model_apply(): what the program was given. */
void normal_input(struct model *m, struct normal *n);

#endif

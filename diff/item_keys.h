/* When events of two runs belong together. */
#ifndef REPRISE_DIFF_ITEM_KEYS_H
#define REPRISE_DIFF_ITEM_KEYS_H

#include "diff/align.h"
#include "diff/sequence.h"

static inline bool item_is_same_call(const struct item *a, const struct item *b)
{
    return a->object == b->object && a->call == b->call;
}

static inline bool item_is_same(const struct item *a, const struct item *b)
{
    return item_is_same_call(a, b) && a->input == b->input;
}

/* Pairs the events at hand as align_gaps() does, by what they have in common: all, then less and
 * less. `to` has a->n + 1 places. `goes_on`: more will follow, so that the ends do not belong
 * together for being ends. -ENOMEM. */
int item_align(const struct sequence *a, const struct sequence *b, bool goes_on, uint32_t *to);

#endif

/* Pairs two sequences of keys so that as few as possible stay alone: Myers' O(ND) algorithm in its
 * linear-space form ("An O(ND) Difference Algorithm and Its Variations", 1986). */
#ifndef REPRISE_DIFF_MYERS_H
#define REPRISE_DIFF_MYERS_H

#include <stdint.h>

#define ALIGN_NONE UINT32_MAX

/* A part of both sequences: a[a_from .. a_to) and b[b_from .. b_to). */
struct align_box {
    uint32_t a_from, a_to;
    uint32_t b_from, b_to;
};

/* Sets to[i] for i in the box's part of `a` to the place in `b` of its partner, which has the same
 * key, or leaves it alone; partners are in increasing order. Where more than `max_cost` keys in a
 * row would stay alone the result may be less than the best, but the time is bounded by
 * (length of both) * max_cost. 0 or -ENOMEM. */
int myers_align(const uint64_t *a, const uint64_t *b, struct align_box box, uint32_t max_cost,
                uint32_t *to);

#endif

/* Pairs two long sequences of keys the way a reader would: by what occurs once in both, then by the
 * shortest edit between. To be called again with coarser keys, which pair what is left in the gaps.
 */
#ifndef REPRISE_DIFF_ALIGN_H
#define REPRISE_DIFF_ALIGN_H

#include "diff/myers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* to[0 .. n): the partner in b of each key of a, or ALIGN_NONE; partners are in increasing order.
 * Pairs that are there stay; equal keys between two of them are paired. Time is near linear, memory
 * linear. 0, or -ENOMEM with `to` in part filled. */
int align_gaps(const uint64_t *a, uint32_t n, const uint64_t *b, uint32_t m, uint32_t *to);

/* No partners at all. */
void align_clear(uint32_t *to, uint32_t n);

/* The shortest period of keys[0 .. n) that occurs at least twice in it (the last one may be cut),
 * or 0. Memory is linear, too; out of memory counts as none. */
uint32_t align_period(const uint64_t *keys, uint32_t n);

/* A stretch that differs: a[a_from .. a_to) has no partner in b[b_from .. b_to), and the other way
 * round. */
struct align_walk {
    const uint32_t *to;
    uint32_t n, m;
    uint32_t a, b; /* where the walk stands */
};

/* The next stretch without partners, empty on at most one side. False: the end. Start with a and b
 * at 0. */
bool align_next_gap(struct align_walk *walk, struct align_box *ret);

#endif

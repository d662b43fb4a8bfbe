/* Numbers that depend on a seed alone, so that whatever was found can be made again. */
#ifndef REPRISE_TESTS_ADVERSARY_DICE_H
#define REPRISE_TESTS_ADVERSARY_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* splitmix64 */
static inline uint64_t dice_throw(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* From 0 to n - 1; 0 if n is 0. */
static inline size_t dice_below(struct dice *d, size_t n)
{
    return n > 0 ? (size_t)(dice_throw(d) % n) : 0;
}

static inline bool dice_one_in(struct dice *d, size_t n)
{
    return dice_below(d, n) == 0;
}

/* Of number `trial` of a run. */
static inline struct dice dice_of(uint64_t seed, uint64_t trial)
{
    struct dice d = {seed};
    d.state = dice_throw(&d) ^ trial;
    dice_throw(&d);
    return d;
}

#endif

/* Where the pages of a check can lie. */
#ifndef REPRISE_REPLAYER_CHECK_PLACE_H
#define REPRISE_REPLAYER_CHECK_PLACE_H

#include "task/landmark.h"
#include "task/maps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK_PAGES_SIZE                                                                           \
    12288u /* two pages for code that starts anywhere in the first, one for data */

struct check_place {
    uint64_t pages; /* a gap of CHECK_PAGES_SIZE bytes */
    uint64_t code;  /* where the code starts, in the first page */
};

/* Finds a place for the code that the jump at the landmark leads to: in reach of it, in a gap, and
 * such that each byte of the jump at which an instruction of the landmark starts raises a fault if
 * it is executed. `nth` counts from 0 through the places that there are, to be tried if others are
 * no good; false: no more. */
bool check_place_find(const struct maps *maps, const struct landmark *landmark, unsigned nth,
                      struct check_place *ret);

#endif

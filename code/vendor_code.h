/* Counts the instructions in a piece of code whose results differ between vendors (vendor_insn.h),
 * with the same certainty as code_finder.h: what may be one or not is not counted. */
#ifndef REPRISE_CODE_VENDOR_CODE_H
#define REPRISE_CODE_VENDOR_CODE_H

#include "code/code_finder.h"
#include "code/vendor_insn.h"

/* By instruction. Zeroed is none. */
struct vendor_counts {
    uint64_t n[VENDOR_INSNS];
};

/* So many places are looked at in a range. (236 MB of Chromium have 17,000.) */
#define VENDOR_CANDIDATES_MAX (1u << 18)

/* Adds what is found in the range. finder: of the file that the range is mapped from; NULL for code
 * without a file. 0 or -ENOMEM. */
int vendor_code_count(struct code_finder *finder, const struct code_range *range,
                      struct vendor_counts *counts);

#endif

/* Owns the counting; the rule by which bytes are taken for an instruction is code_finder.c's. */
#include "code/vendor_code.h"

#include "code/search.h"

static int take(void *ctx, const struct code_range *range, const struct candidate *c,
                enum answer answer)
{
    struct vendor_counts *counts = ctx;
    size_t start = c->consensus.start, mark;
    enum vendor_insn insn;
    if (answer == YES && vendor_insn_at(range->bytes + start, range->len - start, &insn, &mark))
        counts->n[insn]++;
    return 0;
}

int vendor_code_count(struct code_finder *finder, const struct code_range *range,
                      struct vendor_counts *counts)
{
    struct search s = {.wanted = &wanted_vendor,
                       .most = VENDOR_CANDIDATES_MAX,
                       .finder = finder,
                       .range = range,
                       .take = take,
                       .ctx = counts};
    return search_run(&s);
}

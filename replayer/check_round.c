/* Owns what makes a loop plain. */
#include "replayer/check_round.h"

/* A copy runs where nothing jumps to: unlike in a landmark, lock prefixes do no harm. */
static bool can_be_copied(const struct insn *insn)
{
    return !insn->enters_kernel && !insn->shows_flags && !insn->repeats &&
           (!insn->branches || insn->jumps);
}

/* The first jump back to the landmark or before it. */
static bool find_end(struct insn_decoder *d, const struct landmark *landmark,
                     check_round_read *read, void *ctx, struct check_round *ret)
{
    uint8_t code[CHECK_ROUND_BYTES];
    uint64_t start = landmark->insns[0].addr;
    struct insn insn;
    long n = read(ctx, start, code, sizeof code);
    for (size_t at = 0; n > 0 && at < (size_t)n; at += insn.len) {
        if (!machine_insn_decode(d, code + at, (size_t)n - at, start + at, &insn) ||
            !can_be_copied(&insn))
            return false;
        ret->start = insn.target;
        ret->end = start + at + insn.len;
        if (insn.jumps && insn.target <= start && ret->end - insn.target <= CHECK_ROUND_BYTES)
            return true;
        if (insn.jumps && insn.condition == INSN_ALWAYS)
            return false;
    }
    return false;
}

static bool is_plain(const struct check_round *round, const struct insn *insn, bool is_last)
{
    if (!can_be_copied(insn) || (insn->jumps && insn->condition == INSN_ALWAYS && !is_last))
        return false;
    return !insn->jumps || insn->target <= round->start || insn->target >= round->end;
}

bool check_round_find(struct insn_decoder *d, const struct landmark *landmark,
                      check_round_read *read, void *ctx, struct check_round *ret)
{
    *ret = (struct check_round){.at = CHECK_ROUND};
    if (!find_end(d, landmark, read, ctx, ret))
        return false;
    size_t len = (size_t)(ret->end - ret->start), at = 0;
    if (read(ctx, ret->start, ret->code, len) != (long)len)
        return false;
    for (; at < len && ret->n < CHECK_ROUND; ret->n++) {
        struct insn *insn = &ret->insns[ret->n];
        if (!machine_insn_decode(d, ret->code + at, len - at, ret->start + at, insn))
            return false;
        at += insn->len;
        if (!is_plain(ret, insn, at == len))
            return false;
        if (insn->addr == landmark->insns[0].addr)
            ret->at = ret->n;
    }
    return at == len && ret->at < ret->n;
}

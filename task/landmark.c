/* Owns what makes a good place. */
#include "task/landmark.h"

#include <string.h>

static bool can_be_moved(const struct insn *insn)
{
    return !insn->branches && !insn->enters_kernel && !insn->shows_flags && !insn->repeats &&
           !insn->locked; /* code is known that jumps behind a lock prefix */
}

bool landmark_is_behind_lock(uint8_t byte_before)
{
    return byte_before == 0xf0;
}

bool landmark_find(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr,
                   struct landmark *ret)
{
    uint64_t jumps[LANDMARK_JUMP];
    size_t n_jumps = 0;
    ret->n = ret->len = 0;
    while (ret->len < LANDMARK_JUMP) {
        struct insn *insn = &ret->insns[ret->n];
        if (ret->len >= len ||
            !machine_insn_decode(d, code + ret->len, len - ret->len, addr + ret->len, insn))
            return false;
        ret->n++;
        ret->len += insn->len;
        if (insn->jumps) {
            jumps[n_jumps++] = insn->target;
            if (insn->condition == INSN_ALWAYS && ret->len < LANDMARK_JUMP)
                return false;
            continue;
        }
        if (!can_be_moved(insn))
            return false;
    }
    for (size_t i = 0; i < n_jumps; i++) /* none leads into the midst of it */
        if (jumps[i] > addr && jumps[i] < addr + ret->len)
            return false;
    return true;
}

bool landmark_is_entered_by(const struct landmark *landmark, struct insn_decoder *d,
                            const uint8_t *code, size_t len, uint64_t addr)
{
    uint64_t start = landmark->insns[0].addr;
    struct insn insn;
    for (size_t at = 0; at < len;) {
        if (!machine_insn_decode(d, code + at, len - at, addr + at, &insn)) {
            at++;
            continue;
        }
        if (insn.jumps && insn.target > start && insn.target < start + LANDMARK_JUMP)
            return true;
        at += insn.len;
    }
    return false;
}

bool landmark_flags_are_dead(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr)
{
    struct insn insn;
    for (size_t at = 0; at < len; at += insn.len) {
        if (!machine_insn_decode(d, code + at, len - at, addr + at, &insn) || insn.branches ||
            insn.flags == INSN_FLAGS_UNKNOWN)
            return false;
        if (insn.flags == INSN_FLAGS_OVERWRITTEN)
            return true;
    }
    return false;
}

/* One-byte opcodes that are invalid in 64-bit mode, int3, hlt, and what needs I/O privileges (AMD64
 * manual vol. 3, appendix A.1, table A-1). 0xd5 and 0x62 have got meanings since. */
bool landmark_byte_traps(uint8_t byte)
{
    static const uint8_t traps[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37,
                                    0x3f, 0x6c, 0x6d, 0x6e, 0x6f, 0x9a, 0xcc, 0xce, 0xe4, 0xe5,
                                    0xe6, 0xe7, 0xea, 0xec, 0xed, 0xee, 0xef, 0xf4, 0xfa, 0xfb};
    return memchr(traps, byte, sizeof traps) != NULL;
}

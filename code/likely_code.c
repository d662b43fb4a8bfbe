/* Owns the list of instructions that user programs do without: privileged ones, those of segments,
 * of calls between rings, of decimal numbers; and what zeros decode to. */
#include "code/likely_code.h"

#include "code/insn.h"

#include <string.h>

enum { BEFORE = 6, BEHIND = 10 };   /* instructions */
enum { WINDOW = 64, LONGEST = 15 }; /* bytes */

static const bool odd_in_first_map[256] = {
    [0x00] = true,                               /* add of 8 bits to memory: 00 00 */
    [0x6c] = true, [0x6d] = true, [0x6e] = true, /* in and out */
    [0x6f] = true, [0xe4] = true, [0xe5] = true, [0xe6] = true, [0xe7] = true, [0xec] = true,
    [0xed] = true, [0xee] = true, [0xef] = true, [0x8c] = true, [0x8e] = true, /* segment registers
                                                                                */
    [0xa0] = true, [0xa1] = true, [0xa2] = true, [0xa3] = true, /* absolute addresses */
    [0xc8] = true, [0xca] = true, [0xcb] = true, [0xcd] = true, [0xcf] = true, [0xd7] = true,
    [0xe0] = true, [0xe1] = true, [0xf1] = true, [0xf4] = true, [0xfa] = true, [0xfb] = true,
};

static const bool odd_in_second_map[256] = {
    [0x00] = true, [0x02] = true, [0x03] = true, [0x06] = true, [0x07] = true, [0x08] = true,
    [0x09] = true, [0x0e] = true, [0x0f] = true, [0x20] = true, [0x21] = true, [0x22] = true,
    [0x23] = true, [0x30] = true, [0x32] = true, [0x33] = true, [0x34] = true, [0x35] = true,
    [0x37] = true, [0x78] = true, [0x79] = true, [0xa0] = true, [0xa1] = true, [0xa6] = true,
    [0xa7] = true, [0xa8] = true, [0xa9] = true, [0xaa] = true, [0xb2] = true, [0xb4] = true,
    [0xb5] = true, [0xff] = true,
};

static bool is_odd(const uint8_t *p, const struct insn_parts *insn)
{
    uint8_t modrm = insn->operand < insn->len ? p[insn->operand] : 0;
    if (insn->map == 1 && insn->opcode == 0xff)
        return (modrm >> 3 & 7) == 3 || (modrm >> 3 & 7) == 5; /* far */
    if (insn->map == 2 && insn->opcode == 0x01)
        return modrm < 0xc0; /* descriptor tables */
    return insn->map == 1 ? odd_in_first_map[insn->opcode]
                          : insn->map == 2 && odd_in_second_map[insn->opcode];
}

static bool is_fine_behind(const uint8_t *code, size_t len, size_t at)
{
    struct insn_parts insn = {0};
    for (unsigned i = 0; i < BEHIND && insn.kind != INSN_END; i++, at += insn.len) {
        if (!insn_read(code + at, len - at, &insn))
            return len - at < LONGEST; /* it may go on behind the end */
        if (is_odd(code + at, &insn))
            return false;
    }
    return true;
}

/* By most of the ways that lead there (consensus.h), each in its last instructions: before them, it
 * may have been inside of one. */
static bool is_fine_before(const uint8_t *code, size_t len, size_t start)
{
    enum { NOT_LEADING = UINT8_MAX };
    size_t from = start > WINDOW ? start - WINDOW : 0, n = start - from;
    uint8_t steps[WINDOW + 1] = {0}; /* instructions up to `start` */
    bool odd[WINDOW + 1] = {false};
    unsigned leading = 0, fine = 0;
    steps[n] = 0;
    for (size_t i = n; i-- > 0;) {
        struct insn_parts insn;
        steps[i] = NOT_LEADING;
        if (!insn_read(code + from + i, len - from - i, &insn) || i + insn.len > n ||
            steps[i + insn.len] == NOT_LEADING)
            continue;
        steps[i] = (uint8_t)(steps[i + insn.len] + 1);
        odd[i] = odd[i + insn.len] || (steps[i] <= BEFORE && is_odd(code + from + i, &insn));
        leading++;
        fine += !odd[i];
    }
    return fine * 2 >= leading;
}

/* As numbers of a table are, and instructions of these kinds are not. */
static bool is_repeated(const uint8_t *code, size_t len, size_t start)
{
    size_t size;
    if (insn_decode(code + start, len - start, &size) == INSN_UNKNOWN)
        return false;
    return (start >= size && memcmp(code + start - size, code + start, size) == 0) ||
           (len - start >= 2 * size && memcmp(code + start + size, code + start, size) == 0);
}

bool likely_code_around(const uint8_t *code, size_t len, size_t start)
{
    return !is_repeated(code, len, start) && is_fine_behind(code, len, start) &&
           is_fine_before(code, len, start);
}

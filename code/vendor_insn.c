/* Owns the encodings of the instructions that vendors compute in different ways. Whether bytes are
 * code at all, others must know. */
#include "code/vendor_insn.h"

#include "code/insn.h"

#define LONGEST 15

enum {
    OPERAND_SIZE = 1, /* 66 */
    REPNE = 2,        /* f2 */
    REP = 4,          /* f3 */
    REX = 8,
    LOCK = 16,
    NEUTRAL = 32, /* segments, address size: change nothing here */
};

static unsigned prefix_of(uint8_t byte)
{
    switch (byte) {
    case 0x66:
        return OPERAND_SIZE;
    case 0xf2:
        return REPNE;
    case 0xf3:
        return REP;
    case 0xf0:
        return LOCK;
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
    case 0x67:
        return NEUTRAL;
    default:
        return (byte & 0xf0) == 0x40 ? REX : 0;
    }
}

/* The instruction from its mark on, of which `len` bytes are there. All below return one of
 * vendor_insn or NONE. */
enum { NONE = -1 };

static int with_x87(const uint8_t *p, size_t len)
{
    static const int8_t by_opcode[16] = {
        VENDOR_F2XM1, VENDOR_FYL2X, VENDOR_FPTAN, VENDOR_FPATAN,  NONE, NONE,
        NONE,         NONE,         NONE,         VENDOR_FYL2XP1, NONE, VENDOR_FSINCOS,
        NONE,         NONE,         VENDOR_FSIN,  VENDOR_FCOS,
    };
    return len >= 2 && p[1] >= 0xf0 ? by_opcode[p[1] - 0xf0] : NONE;
}

/* 0f 52 and 0f 53, without or with VEX: four of one kind in a row. */
static int approximation(int first, uint8_t opcode, bool is_scalar)
{
    if ((opcode & 0xfe) != 0x52)
        return NONE;
    return first + (opcode - 0x52) * 2 + is_scalar;
}

static int with_sse(const uint8_t *p, size_t len, unsigned prefixes)
{
    if (len < 2 || (prefixes & (OPERAND_SIZE | REPNE | LOCK)) != 0)
        return NONE;
    return approximation(VENDOR_RSQRTPS, p[1], (prefixes & REP) != 0);
}

/* last: the byte of VEX with vvvv, L and pp. Packed ones have no third operand. */
static int with_vex(uint8_t last, uint8_t opcode)
{
    bool is_scalar = (last & 3) == 2;
    if (!is_scalar && ((last & 3) != 0 || (last & 0x78) != 0x78))
        return NONE;
    return approximation(VENDOR_VRSQRTPS, opcode, is_scalar);
}

static int with_evex(const uint8_t *p, size_t len)
{
    if (len < 5 || (p[4] & 0xfc) != 0x4c || (p[2] & 3) != 1)
        return NONE;
    bool is_scalar = (p[4] & 1) != 0, is_root = (p[4] & 2) != 0, is_wide = (p[2] & 0x80) != 0;
    if (!is_scalar && (p[2] & 0x78) != 0x78)
        return NONE;
    switch (p[1] & 7) {
    case 2:
        return VENDOR_VRCP14PS + is_root * 4 + is_scalar * 2 + is_wide;
    case 6:
        return is_wide ? NONE : VENDOR_VRCPPH + is_root * 2 + is_scalar;
    default:
        return NONE;
    }
}

static int read_at_mark(const uint8_t *p, size_t len, unsigned prefixes)
{
    bool may_be_vex = (prefixes & ~(unsigned)NEUTRAL) == 0;
    switch (p[0]) {
    case 0x0f:
        return with_sse(p, len, prefixes);
    case 0xd9:
        return (prefixes & LOCK) == 0 ? with_x87(p, len) : NONE;
    case 0xc5:
        return may_be_vex && len >= 3 ? with_vex(p[1], p[2]) : NONE;
    case 0xc4:
        return may_be_vex && len >= 4 && (p[1] & 0x1f) == 1 ? with_vex(p[2], p[3]) : NONE;
    case 0x62:
        return may_be_vex ? with_evex(p, len) : NONE;
    default:
        return NONE;
    }
}

bool vendor_insn_at(const uint8_t *p, size_t len, enum vendor_insn *ret, size_t *ret_mark)
{
    unsigned prefixes = 0;
    size_t mark = 0, size;
    if (len > LONGEST)
        len = LONGEST;
    for (unsigned one; mark < len && (one = prefix_of(p[mark])) != 0; mark++)
        prefixes |= one;
    int insn = mark < len ? read_at_mark(p + mark, len - mark, prefixes) : NONE;
    if (insn == NONE || insn_decode(p, len, &size) == INSN_UNKNOWN)
        return false;
    *ret = (enum vendor_insn)insn;
    *ret_mark = mark;
    return true;
}

static const struct {
    const char *name, *needs;
} rows[VENDOR_INSNS] = {
    [VENDOR_RSQRTPS] = {"rsqrtps", NULL},
    [VENDOR_RSQRTSS] = {"rsqrtss", NULL},
    [VENDOR_RCPPS] = {"rcpps", NULL},
    [VENDOR_RCPSS] = {"rcpss", NULL},
    [VENDOR_VRSQRTPS] = {"vrsqrtps", "avx"},
    [VENDOR_VRSQRTSS] = {"vrsqrtss", "avx"},
    [VENDOR_VRCPPS] = {"vrcpps", "avx"},
    [VENDOR_VRCPSS] = {"vrcpss", "avx"},
    [VENDOR_VRCP14PS] = {"vrcp14ps", "avx512f"},
    [VENDOR_VRCP14PD] = {"vrcp14pd", "avx512f"},
    [VENDOR_VRCP14SS] = {"vrcp14ss", "avx512f"},
    [VENDOR_VRCP14SD] = {"vrcp14sd", "avx512f"},
    [VENDOR_VRSQRT14PS] = {"vrsqrt14ps", "avx512f"},
    [VENDOR_VRSQRT14PD] = {"vrsqrt14pd", "avx512f"},
    [VENDOR_VRSQRT14SS] = {"vrsqrt14ss", "avx512f"},
    [VENDOR_VRSQRT14SD] = {"vrsqrt14sd", "avx512f"},
    [VENDOR_VRCPPH] = {"vrcpph", "avx512_fp16"},
    [VENDOR_VRCPSH] = {"vrcpsh", "avx512_fp16"},
    [VENDOR_VRSQRTPH] = {"vrsqrtph", "avx512_fp16"},
    [VENDOR_VRSQRTSH] = {"vrsqrtsh", "avx512_fp16"},
    [VENDOR_F2XM1] = {"f2xm1", NULL},
    [VENDOR_FYL2X] = {"fyl2x", NULL},
    [VENDOR_FPTAN] = {"fptan", NULL},
    [VENDOR_FPATAN] = {"fpatan", NULL},
    [VENDOR_FYL2XP1] = {"fyl2xp1", NULL},
    [VENDOR_FSINCOS] = {"fsincos", NULL},
    [VENDOR_FSIN] = {"fsin", NULL},
    [VENDOR_FCOS] = {"fcos", NULL},
};

const char *vendor_insn_name(enum vendor_insn insn)
{
    return rows[insn].name;
}

const char *vendor_insn_needs(enum vendor_insn insn)
{
    return rows[insn].needs;
}

/* Owns the lengths of instructions: a table for each map of opcodes, a letter for each opcode. No
 * library does this here, since it has to be done 64 times for each suspicious byte of all the code
 * that programs load, and the tables of a disassembler that knows names and operands take as long
 * for one instruction as this takes for all of them. (capstone 4, which is used elsewhere, also
 * fails on instructions that compilers emit.) What different CPUs decode in different ways is left
 * unknown. Intel SDM vol. 2, appendix A "Opcode Map"; AMD APM vol. 3, appendix A, for XOP. */
#include "code/insn.h"

#include <string.h>

/* What follows an opcode:
 *   .  nothing        m  ModRM          b  8-bit immediate or displacement
 *   z  16 or 32 bits  B  ModRM, 8 bits  Z  ModRM, 16 or 32 bits
 *   v  16, 32 or 64 bits                w  16 bits
 *   d  32-bit displacement              t  ModRM, 8 bits if its reg field is 0 or 1
 *   T  the same with 16 or 32 bits      o  an address, 32 or 64 bits
 *   E  24 bits                          I  ModRM, 32 bits
 *   S  ModRM, 16 bits if 66 or f2 comes before
 *   p  a prefix                         x  the second map, from there 3 the third, a the fourth
 *   V  two-byte VEX   W  three-byte VEX   e  EVEX   X  XOP, or as m
 *   space: no instruction */
static const char one_byte[256 + 1] = "mmmmbz  mmmmbz x" /* 00 */
                                      "mmmmbz  mmmmbz  "
                                      "mmmmbzp mmmmbzp " /* 20 */
                                      "mmmmbzp mmmmbzp "
                                      "pppppppppppppppp" /* 40 */
                                      "................"
                                      "  emppppzZbB...." /* 60 */
                                      "bbbbbbbbbbbbbbbb"
                                      "BZ BmmmmmmmmmmmX" /* 80 */
                                      ".......... ....."
                                      "oooo....bz......" /* a0 */
                                      "bbbbbbbbvvvvvvvv"
                                      "BBw.WVBZE.w..b ." /* c0 */
                                      "mmmm   .mmmmmmmm"
                                      "bbbbbbbbdd b...." /* e0 */
                                      "p.pp..tT......mm";
static const char two_byte[256 + 1] = "mmmm ..... . m.B" /* 00 */
                                      "mmmmmmmmmmmmmmmm"
                                      "mmmm    mmmmmmmm" /* 20 */
                                      "...... .3 a     "
                                      "mmmmmmmmmmmmmmmm" /* 40 */
                                      "mmmmmmmmmmmmmmmm"
                                      "mmmmmmmmmmmmmmmm" /* 60 */
                                      "BBBBmmm.Sm  mmmm"
                                      "dddddddddddddddd" /* 80 */
                                      "mmmmmmmmmmmmmmmm"
                                      "...mBmmm...mBmmm" /* a0 */
                                      "mmmmmmmmmmBmmmmm"
                                      "mmBmBBBm........" /* c0 */
                                      "mmmmmmmmmmmmmmmm"
                                      "mmmmmmmmmmmmmmmm" /* e0 */
                                      "mmmmmmmmmmmmmmmm";
/* 0f 38 */
static const char third_map[256 + 1] = "mmmmmmmmmmmm    " /* 00 */
                                       "m   mm m    mmm "
                                       "mmmmmm  mmmm    " /* 20 */
                                       "mmmmmm mmmmmmmmm"
                                       "mm              " /* 40 */
                                       "                "
                                       "                " /* 60 */
                                       "                "
                                       "mmm        m    " /* 80 */
                                       "                "
                                       "                " /* a0 */
                                       "                "
                                       "        mmmmmm m" /* c0 */
                                       "        m  mmmmm"
                                       "                " /* e0 */
                                       "mm   mm mmmmm   ";
/* 0f 3a */
static const char fourth_map[256 + 1] = "        BBBBBBBB" /* 00 */
                                        "    BBBB        "
                                        "BBB             " /* 20 */
                                        "                "
                                        "BBB B           " /* 40 */
                                        "                "
                                        "BBBB            " /* 60 */
                                        "                "
                                        "                " /* 80 */
                                        "                "
                                        "                " /* a0 */
                                        "                "
                                        "            B BB" /* c0 */
                                        "               B"
                                        "                " /* e0 */
                                        "B               ";
/* The second map behind VEX or EVEX; all of the third is 'm', of the fourth 'B'. */
static const char vex_map[256 + 1] = "                " /* 00 */
                                     "mmmmmmmm        "
                                     "        mmmmmmmm" /* 20 */
                                     "                "
                                     " mm mmmm  mm    " /* 40 */
                                     "mmmmmmmmmmmmmmmm"
                                     "mmmmmmmmmmmmmmmm" /* 60 */
                                     "BBBBmmm.mmmmmmmm"
                                     "                " /* 80 */
                                     "mmmm    mm      "
                                     "              m " /* a0 */
                                     "                "
                                     "  B BBB         " /* c0 */
                                     "mmmmmmmmmmmmmmmm"
                                     "mmmmmmmmmmmmmmmm" /* e0 */
                                     "mmmmmmmmmmmmmmm ";

enum extra {
    EXTRA_NONE,
    EXTRA_Z,     /* 2 bytes with 66, else 4 */
    EXTRA_V,     /* 8 bytes with REX.W, else as Z */
    EXTRA_ADDR,  /* 4 bytes with 67, else 8 */
    EXTRA_JUMP,  /* 4 bytes, but with 66 CPUs do not agree */
    EXTRA_TEST8, /* 1 byte if the reg field is 0 or 1 */
    EXTRA_TESTZ, /* the same as Z */
    EXTRA_SSE4A, /* 2 bytes with 66 or f2 */
};

static const struct form {
    bool known, modrm;
    uint8_t bytes;
    enum extra extra;
    uint8_t simple; /* bytes without ModRM's, the opcode's included, where no prefix but REX comes
                       before; 0: that needs a closer look */
} forms[128] = {
    ['.'] = {true, false, 0, EXTRA_NONE, 1}, ['m'] = {true, true, 0, EXTRA_NONE, 1},
    ['b'] = {true, false, 1, EXTRA_NONE, 2}, ['B'] = {true, true, 1, EXTRA_NONE, 2},
    ['w'] = {true, false, 2, EXTRA_NONE, 3}, ['E'] = {true, false, 3, EXTRA_NONE, 4},
    ['I'] = {true, true, 4, EXTRA_NONE, 5},  ['z'] = {true, false, 0, EXTRA_Z, 5},
    ['Z'] = {true, true, 0, EXTRA_Z, 5},     ['v'] = {true, false, 0, EXTRA_V, 0},
    ['o'] = {true, false, 0, EXTRA_ADDR, 9}, ['d'] = {true, false, 0, EXTRA_JUMP, 5},
    ['t'] = {true, true, 0, EXTRA_TEST8, 0}, ['T'] = {true, true, 0, EXTRA_TESTZ, 0},
    ['S'] = {true, true, 0, EXTRA_SSE4A, 1},
};

/* Groups of instructions that the reg field of ModRM tells apart: a bit for each value that is
 * none. MEMORY: no register is allowed. */
#define MEMORY 0x100
static const uint16_t not_in_one_byte[256] = {
    [0x8c] = 0xc0, [0x8d] = MEMORY, [0x8e] = 0xc2, [0x8f] = 0xfe,
    [0xc6] = 0x7e, [0xc7] = 0x7e,   [0xfe] = 0xfc, [0xff] = 0x80,
};
static const uint16_t not_in_two_byte[256] = {
    [0x00] = 0xc0, [0x13] = MEMORY, [0x17] = MEMORY, [0x2b] = MEMORY, [0x71] = 0xab,
    [0x72] = 0xab, [0x73] = 0x33,   [0xb2] = MEMORY, [0xb4] = MEMORY, [0xb5] = MEMORY,
    [0xba] = 0x0f, [0xc3] = MEMORY, [0xc7] = 0x05,   [0xe7] = MEMORY,
};

#define LONGEST 15

enum map { FIRST_MAP, SECOND_MAP, OTHER_MAP };

/* An instruction as far as it is read. */
struct reading {
    const uint8_t *p;
    size_t len, at;
    bool rex_w, rex, operand_size, address_size, repne, lock_or_rep;
    enum map map;
    uint8_t opcode;
    char form;
    uint16_t not_here; /* values of the reg field */
};

static bool next(struct reading *r, uint8_t *ret)
{
    if (r->at == r->len)
        return false;
    *ret = r->p[r->at++];
    return true;
}

static bool read_prefixes(struct reading *r)
{
    while (r->at < r->len && !r->rex && one_byte[r->p[r->at]] == 'p') {
        uint8_t byte = r->p[r->at++];
        r->rex = (byte & 0xf0) == 0x40;
        r->rex_w = r->rex && (byte & 8) != 0;
        r->operand_size |= byte == 0x66;
        r->address_size |= byte == 0x67;
        r->repne |= byte == 0xf2;
        r->lock_or_rep |= byte >= 0xf0;
    }
    return r->at < r->len;
}

static bool read_opcode(struct reading *r, const char *map)
{
    if (!next(r, &r->opcode))
        return false;
    r->form = map[r->opcode];
    return true;
}

/* The form of an opcode in a map that VEX or EVEX names. */
static bool read_mapped(struct reading *r, unsigned map, bool evex)
{
    if (map == 1)
        return read_opcode(r, vex_map);
    if (!next(r, &r->opcode))
        return false;
    r->form = map == 3 ? 'B' : map == 2 || (evex && (map == 5 || map == 6)) ? 'm' : ' ';
    return true;
}

static bool read_xop(struct reading *r, unsigned map)
{
    static const char map_forms[] = {[8] = 'B', [9] = 'm', [10] = 'I'};
    if (!next(r, &r->opcode))
        return false;
    r->form = map < sizeof map_forms ? map_forms[map] : ' ';
    return true;
}

/* Opcodes that are prefixes by another name: VEX, EVEX, XOP. */
static bool read_extended(struct reading *r)
{
    uint8_t first, second, third;
    char kind = r->form;
    r->map = OTHER_MAP;
    if (r->rex || r->operand_size || r->lock_or_rep || !next(r, &first))
        return false;
    if (kind == 'V')
        return read_mapped(r, 1, false);
    if (!next(r, &second))
        return false;
    if (kind == 'W')
        return read_mapped(r, first & 0x1f, false);
    if (kind == 'X')
        return read_xop(r, first & 0x1f);
    return (first & 8) == 0 && (second & 4) != 0 && next(r, &third) &&
           read_mapped(r, first & 7, true);
}

static bool read_escaped(struct reading *r)
{
    if (!read_opcode(r, two_byte))
        return false;
    r->map = SECOND_MAP;
    r->not_here = not_in_two_byte[r->opcode];
    if (r->form != '3' && r->form != 'a')
        return true;
    r->map = OTHER_MAP;
    return read_opcode(r, r->form == '3' ? third_map : fourth_map);
}

static bool read_head(struct reading *r)
{
    if (!read_prefixes(r) || !read_opcode(r, one_byte))
        return false;
    r->not_here = not_in_one_byte[r->opcode];
    switch (r->form) {
    case 'x':
        return read_escaped(r);
    case 'V':
    case 'W':
    case 'e':
        return read_extended(r);
    case 'X':
        if (r->at < r->len && (r->p[r->at] & 0x1f) >= 8) {
            r->not_here = 0;
            return read_extended(r);
        }
        r->form = 'm';
        return true;
    default:
        return true;
    }
}

/* Bytes of the ModRM operand, the ModRM byte included; 0: not there. */
static size_t modrm_size(const uint8_t *p, size_t len)
{
    if (len < 1)
        return 0;
    unsigned mod = p[0] >> 6, rm = p[0] & 7;
    size_t n = 1;
    if (mod != 3 && rm == 4) {
        if (len < 2)
            return 0;
        n++;
        if (mod == 0 && (p[1] & 7) == 5)
            n += 4;
    } else if (mod == 0 && rm == 5) {
        n += 4; /* relative to the instruction pointer */
    }
    return n + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

/* not_here: as in the tables above. */
static bool modrm_is_known(uint8_t modrm, uint16_t not_here)
{
    return (not_here >> (modrm >> 3 & 7) & 1) == 0 && ((not_here & MEMORY) == 0 || modrm < 0xc0);
}

static size_t extra_size(const struct reading *r, enum extra extra)
{
    size_t z = r->operand_size && !r->rex_w ? 2 : 4;
    switch (extra) {
    case EXTRA_NONE:
        return 0;
    case EXTRA_Z:
        return z;
    case EXTRA_V:
        return r->rex_w ? 8 : z;
    case EXTRA_ADDR:
        return r->address_size ? 4 : 8;
    case EXTRA_JUMP:
        return 4;
    case EXTRA_TEST8:
        return (r->p[r->at] >> 3 & 7) < 2 ? 1 : 0;
    case EXTRA_TESTZ:
        return (r->p[r->at] >> 3 & 7) < 2 ? z : 0;
    case EXTRA_SSE4A:
        return r->operand_size || r->repne ? 2 : 0;
    }
    return 0;
}

/* Bytes behind the opcode; false: no instruction, or not all there. */
static bool read_tail(const struct reading *r, size_t *ret)
{
    const struct form *form = &forms[(unsigned char)r->form];
    size_t n = 0, left = r->len - r->at;
    if (!form->known)
        return false;
    if (form->modrm) {
        n = modrm_size(r->p + r->at, left);
        if (n == 0 || !modrm_is_known(r->p[r->at], r->not_here))
            return false;
    }
    if (form->extra == EXTRA_JUMP && r->operand_size && !r->rex_w)
        return false;
    n += form->bytes + extra_size(r, form->extra);
    *ret = n;
    return n <= left;
}

static bool is_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != 0)
            return false;
    return true;
}

static enum insn_kind kind_in_second_map(uint8_t opcode, const uint8_t *operand, size_t size)
{
    switch (opcode) {
    case 0x0b: /* ud2 */
    case 0xb9: /* ud1 */
    case 0xff: /* ud0 */
        return INSN_END;
    case 0x1f:
        return (operand[0] & 0x3f) <= 5 && is_zero(operand + 1, size - 1) ? INSN_NOP : INSN_PLAIN;
    default:
        return INSN_PLAIN;
    }
}

static enum insn_kind kind_in_first_map(uint8_t opcode, const uint8_t *operand)
{
    switch (opcode) {
    case 0x90:
        return INSN_NOP;
    case 0xc2:
    case 0xc3:
    case 0xca:
    case 0xcb:
    case 0xcc:
    case 0xcf:
    case 0xe9:
    case 0xeb:
    case 0xf4:
        return INSN_END;
    case 0xff:
        return (operand[0] >> 3 & 7) == 4 || (operand[0] >> 3 & 7) == 5 ? INSN_END : INSN_PLAIN;
    default:
        return INSN_PLAIN;
    }
}

static enum insn_kind kind_of(const struct reading *r, size_t size)
{
    const uint8_t *operand = r->p + r->at;
    if (r->map == FIRST_MAP)
        return kind_in_first_map(r->opcode, operand);
    return r->map == SECOND_MAP ? kind_in_second_map(r->opcode, operand, size) : INSN_PLAIN;
}

/* Where a jump goes, from the instruction's end: its last bytes. */
static void read_jump(const struct reading *r, struct insn_parts *ret)
{
    uint8_t opcode = r->opcode;
    const uint8_t *end = r->p + ret->len;
    bool in_first = r->map == FIRST_MAP;
    bool is_near =
        in_first ? opcode == 0xe8 || opcode == 0xe9 : r->map == SECOND_MAP && r->form == 'd';
    bool is_short =
        in_first && (opcode >> 4 == 7 || (opcode >= 0xe0 && opcode <= 0xe3) || opcode == 0xeb);
    if (is_near) {
        int32_t distance;
        memcpy(&distance, end - sizeof distance, sizeof distance);
        ret->distance = distance;
    } else if (is_short) {
        ret->distance = (int8_t)end[-1];
    }
    ret->jumps = is_near || is_short;
}

bool insn_read(const uint8_t *p, size_t len, struct insn_parts *ret)
{
    struct reading r = {.p = p, .len = len < LONGEST ? len : LONGEST};
    size_t size;
    if (!read_head(&r) || !read_tail(&r, &size))
        return false;
    *ret = (struct insn_parts){.len = r.at + size, .opcode = r.opcode, .operand = r.at};
    ret->map = r.map == FIRST_MAP ? 1 : r.map == SECOND_MAP ? 2 : 0;
    ret->kind = kind_of(&r, size);
    read_jump(&r, ret);
    return true;
}

enum insn_kind insn_decode(const uint8_t *p, size_t len, size_t *ret_len)
{
    struct reading r = {.p = p, .len = len < LONGEST ? len : LONGEST};
    size_t size;
    if (!read_head(&r) || !read_tail(&r, &size))
        return INSN_UNKNOWN;
    *ret_len = r.at + size;
    return kind_of(&r, size);
}

/* As modrm_size(), of bytes that are all there; without branches, which nobody could predict. */
static size_t whole_modrm_size(const uint8_t *p)
{
    static const uint8_t displacement[] = {0, 1, 4, 0};
    unsigned mod = p[0] >> 6, rm = p[0] & 7;
    bool has_sib = (mod != 3) & (rm == 4);
    bool has_no_base = (mod == 0) & ((rm == 5) | (has_sib & ((p[1] & 7) == 5)));
    return 1u + has_sib + displacement[mod] + 4u * has_no_base;
}

/* From the opcode on, of which LONGEST - 1 bytes are there. */
static size_t simple_size(const uint8_t *p, const char *map, const uint16_t *not_in_map)
{
    const struct form *form = &forms[(unsigned char)map[p[0]]];
    if (form->simple == 0 || !modrm_is_known(p[1], not_in_map[p[0]]))
        return 0;
    return form->simple + (-(size_t)form->modrm & whole_modrm_size(p + 1));
}

/* Of most instructions: no prefix but REX, and a usual opcode; 0: look closer. LONGEST bytes are
 * there. */
static size_t size_at_a_glance(const uint8_t *p)
{
    size_t rex = (p[0] & 0xf0) == 0x40, size;
    if (p[rex] != 0x0f) {
        size = simple_size(p + rex, one_byte, not_in_one_byte);
    } else {
        rex++;
        size = simple_size(p + rex, two_byte, not_in_two_byte);
    }
    return size > 0 ? rex + size : 0;
}

size_t insn_size(const uint8_t *p, size_t len)
{
    size_t size = len >= LONGEST ? size_at_a_glance(p) : 0;
    return size > 0 || insn_decode(p, len, &size) != INSN_UNKNOWN ? size : 0;
}

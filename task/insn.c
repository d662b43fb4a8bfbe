/* Owns the lengths of instructions. A table of two opcode maps; everything that is rare, new or
 * decoded in different ways by different CPUs is left unknown. */
#include "task/insn.h"

#include <stdbool.h>
#include <string.h>

/* What follows an opcode:
 *   .  nothing        m  ModRM          b  8-bit immediate or displacement
 *   z  16 or 32 bits  B  ModRM, 8 bits  Z  ModRM, 16 or 32 bits
 *   v  16, 32 or 64 bits                w  16 bits
 *   d  32-bit displacement              t  ModRM, 8 bits if its reg field is 0 or 1
 *   T  the same with 16 or 32 bits      p  a prefix   x  the second map
 *   space: not known here */
static const char one_byte[256 + 1] = "mmmmbz  mmmmbz x" /* 00 */
                                      "mmmmbz  mmmmbz  "
                                      "mmmmbzp mmmmbzp " /* 20 */
                                      "mmmmbzp mmmmbzp "
                                      "pppppppppppppppp" /* 40 */
                                      "................"
                                      "   mppp zZbB...." /* 60 */
                                      "bbbbbbbbbbbbbbbb"
                                      "BZ Bmmmmmmmmmmm " /* 80 */
                                      ".......... ....."
                                      "    ....bz......" /* a0 */
                                      "bbbbbbbbvvvvvvvv"
                                      "BBw.  BZ .  .b  " /* c0 */
                                      "mmmm    mmmmmmmm"
                                      "bbbb    dd b    " /* e0 */
                                      "p pp .tT......mm";
static const char two_byte[256 + 1] = "     .     . m  " /* 00 */
                                      "mmmmmmmmmmmmmmmm"
                                      "        mmmmmmmm" /* 20 */
                                      " .              "
                                      "mmmmmmmmmmmmmmmm" /* 40 */
                                      "mmmmmmmmmmmmmmmm"
                                      "mmmmmmmmmmmmmmmm" /* 60 */
                                      "BBBBmmm.    mmmm"
                                      "dddddddddddddddd" /* 80 */
                                      "mmmmmmmmmmmmmmmm"
                                      "...mBm  .. mBmmm" /* a0 */
                                      "mm m  mm  Bmmmmm"
                                      "mmBmBBBm........" /* c0 */
                                      "mmmmmmmmmmmmmmmm"
                                      "mmmmmmmmmmmmmmmm" /* e0 */
                                      "mmmmmmmmmmmmmmm ";

struct prefixes {
    bool rex_w, operand_size;
};

/* Bytes of the ModRM operand at p, the ModRM byte included; 0: not there. */
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

/* Bytes behind the opcode; false: not known. */
static bool operand_size(char form, struct prefixes prefixes, const uint8_t *p, size_t len,
                         size_t *ret)
{
    bool has_modrm = strchr("mBZtT", form) != NULL;
    size_t n = has_modrm ? modrm_size(p, len) : 0;
    if (has_modrm && n == 0)
        return false;
    size_t z = prefixes.operand_size && !prefixes.rex_w ? 2 : 4;
    bool tests = has_modrm && (p[0] >> 3 & 7) < 2;
    switch (form) {
    case '.':
    case 'm':
        break;
    case 'b':
    case 'B':
        n += 1;
        break;
    case 'w':
        n += 2;
        break;
    case 'z':
    case 'Z':
        n += z;
        break;
    case 'v':
        n += prefixes.rex_w ? 8 : z;
        break;
    case 't':
        n += tests ? 1 : 0;
        break;
    case 'T':
        n += tests ? z : 0;
        break;
    case 'd':
        if (prefixes.operand_size)
            return false; /* CPUs do not agree */
        n += 4;
        break;
    default:
        return false;
    }
    *ret = n;
    return true;
}

static bool is_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != 0)
            return false;
    return true;
}

static enum insn_kind kind_of(uint8_t opcode, bool second_map, const uint8_t *operand, size_t size)
{
    if (second_map) {
        if (opcode == 0x0b)
            return INSN_END;
        bool filler = opcode == 0x1f && (operand[0] & 0x3f) <= 5 && is_zero(operand + 1, size - 1);
        return filler ? INSN_NOP : INSN_PLAIN;
    }
    switch (opcode) {
    case 0x90:
        return INSN_NOP;
    case 0xc2:
    case 0xc3:
    case 0xcc:
    case 0xe9:
    case 0xeb:
        return INSN_END;
    case 0xff:
        return (operand[0] >> 3 & 7) == 4 ? INSN_END : INSN_PLAIN;
    default:
        return INSN_PLAIN;
    }
}

enum insn_kind insn_decode(const uint8_t *p, size_t len, size_t *ret_len)
{
    struct prefixes prefixes = {0};
    size_t i = 0;
    bool rex = false, second_map = false;
    if (len > 15)
        len = 15;
    for (; i < len && !rex && one_byte[p[i]] == 'p'; i++) {
        rex = (p[i] & 0xf0) == 0x40;
        prefixes.rex_w = rex && (p[i] & 8) != 0;
        prefixes.operand_size |= p[i] == 0x66;
    }
    if (i == len)
        return INSN_UNKNOWN;
    uint8_t opcode = p[i++];
    char form = one_byte[opcode];
    if (form == 'x') {
        if (i == len)
            return INSN_UNKNOWN;
        second_map = true;
        opcode = p[i++];
        form = two_byte[opcode];
    }
    size_t size;
    if (form == 'p' || !operand_size(form, prefixes, p + i, len - i, &size) || size > len - i)
        return INSN_UNKNOWN;
    *ret_len = i + size;
    return kind_of(opcode, second_map, p + i, size);
}

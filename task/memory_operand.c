/* Owns the address of a memory operand. */
#include "task/memory_operand.h"

#include "code/insn.h"
#include "task/tracee.h"

#include <string.h>

/* Words of struct user_regs_struct by the CPU's numbers. */
static const uint8_t words[16] = {REG_INDEX(rax), REG_INDEX(rcx), REG_INDEX(rdx), REG_INDEX(rbx),
                                  REG_INDEX(rsp), REG_INDEX(rbp), REG_INDEX(rsi), REG_INDEX(rdi),
                                  REG_INDEX(r8),  REG_INDEX(r9),  REG_INDEX(r10), REG_INDEX(r11),
                                  REG_INDEX(r12), REG_INDEX(r13), REG_INDEX(r14), REG_INDEX(r15)};

unsigned long long *general_register(struct user_regs_struct *regs, unsigned number)
{
    return (unsigned long long *)regs + words[number & 15];
}

static uint64_t value_of(const struct user_regs_struct *regs, unsigned number)
{
    return ((const unsigned long long *)regs)[words[number & 15]];
}

struct prefixes {
    uint8_t rex;
    bool is_short; /* the address has 32 bits */
    uint64_t segment;
};

/* n: where the operand begins, behind the opcode. */
static struct prefixes read_prefixes(const uint8_t *code, size_t n,
                                     const struct user_regs_struct *regs)
{
    struct prefixes p = {0};
    for (size_t i = 0; i < n && code[i] != 0x0f; i++) {
        if (code[i] == 0x64)
            p.segment = regs->fs_base;
        else if (code[i] == 0x65)
            p.segment = regs->gs_base;
        else if (code[i] == 0x67)
            p.is_short = true;
        else if ((code[i] & 0xf0) == 0x40)
            p.rex = code[i];
    }
    return p;
}

static uint64_t displacement(const uint8_t *at, bool has_four, bool has_one)
{
    int32_t four = 0;
    if (has_four)
        memcpy(&four, at, sizeof four);
    return (uint64_t)(int64_t)(has_one ? (int8_t)at[0] : four);
}

/*      ModRM            SIB, if rm is 4        displacement
 *     +--+---+---+     +-----+-----+----+      mod 0: none, but 4 bytes if rm (or base) is 5
 *     |mod|..|rm |     |scale|index|base|      mod 1: 1 byte
 *     +--+---+---+     +-----+-----+----+      mod 2: 4 bytes                                    */
bool memory_operand_address(const uint8_t *code, size_t len, const struct user_regs_struct *regs,
                            uint64_t *ret)
{
    struct insn_parts insn;
    if (!insn_read(code, len, &insn) || insn.operand >= insn.len)
        return false;
    const uint8_t *at = code + insn.operand;
    const struct prefixes p = read_prefixes(code, insn.operand, regs);
    unsigned mod = at[0] >> 6, base = at[0] & 7;
    bool has_sib = base == 4;
    uint64_t address = 0;
    if (mod == 3)
        return false;
    at++;
    if (has_sib) {
        unsigned index = (at[0] >> 3 & 7) | (unsigned)(p.rex & 2) << 2;
        if (index != 4)
            address = value_of(regs, index) << (at[0] >> 6);
        base = at[0] & 7;
        at++;
    }
    bool has_no_base = base == 5 && mod == 0;
    if (!has_no_base)
        address += value_of(regs, base | (unsigned)(p.rex & 1) << 3);
    else if (!has_sib)
        address += regs->rip + insn.len;
    address += displacement(at, mod == 2 || has_no_base, mod == 1);
    *ret = p.segment + (p.is_short ? (uint32_t)address : address);
    return true;
}

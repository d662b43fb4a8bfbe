/* Owns the decoding of instructions: capstone's answers in the words of this project. */
#include "task/machine_insn.h"

#include "task/tracee.h"

#include <capstone/capstone.h>
#include <stdlib.h>
#include <string.h>

struct insn_decoder {
    csh handle;
    cs_insn *insn;
};

struct insn_decoder *insn_decoder_new(void)
{
    struct insn_decoder *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &d->handle) != CS_ERR_OK) {
        free(d);
        return NULL;
    }
    cs_option(d->handle, CS_OPT_DETAIL, CS_OPT_ON);
    d->insn = cs_malloc(d->handle);
    if (d->insn == NULL) {
        insn_decoder_free(d);
        return NULL;
    }
    return d;
}

void insn_decoder_free(struct insn_decoder *d)
{
    if (d == NULL)
        return;
    if (d->insn != NULL)
        cs_free(d->insn, 1);
    cs_close(&d->handle);
    free(d);
}

/* Word numbers of the general registers, + 1. */
static const uint8_t reg_words[X86_REG_ENDING] = {
    [X86_REG_RAX] = REG_INDEX(rax) + 1, [X86_REG_EAX] = REG_INDEX(rax) + 1,
    [X86_REG_RBX] = REG_INDEX(rbx) + 1, [X86_REG_EBX] = REG_INDEX(rbx) + 1,
    [X86_REG_RCX] = REG_INDEX(rcx) + 1, [X86_REG_ECX] = REG_INDEX(rcx) + 1,
    [X86_REG_RDX] = REG_INDEX(rdx) + 1, [X86_REG_EDX] = REG_INDEX(rdx) + 1,
    [X86_REG_RSI] = REG_INDEX(rsi) + 1, [X86_REG_ESI] = REG_INDEX(rsi) + 1,
    [X86_REG_RDI] = REG_INDEX(rdi) + 1, [X86_REG_EDI] = REG_INDEX(rdi) + 1,
    [X86_REG_RBP] = REG_INDEX(rbp) + 1, [X86_REG_EBP] = REG_INDEX(rbp) + 1,
    [X86_REG_RSP] = REG_INDEX(rsp) + 1, [X86_REG_ESP] = REG_INDEX(rsp) + 1,
    [X86_REG_R8] = REG_INDEX(r8) + 1,   [X86_REG_R8D] = REG_INDEX(r8) + 1,
    [X86_REG_R9] = REG_INDEX(r9) + 1,   [X86_REG_R9D] = REG_INDEX(r9) + 1,
    [X86_REG_R10] = REG_INDEX(r10) + 1, [X86_REG_R10D] = REG_INDEX(r10) + 1,
    [X86_REG_R11] = REG_INDEX(r11) + 1, [X86_REG_R11D] = REG_INDEX(r11) + 1,
    [X86_REG_R12] = REG_INDEX(r12) + 1, [X86_REG_R12D] = REG_INDEX(r12) + 1,
    [X86_REG_R13] = REG_INDEX(r13) + 1, [X86_REG_R13D] = REG_INDEX(r13) + 1,
    [X86_REG_R14] = REG_INDEX(r14) + 1, [X86_REG_R14D] = REG_INDEX(r14) + 1,
    [X86_REG_R15] = REG_INDEX(r15) + 1, [X86_REG_R15D] = REG_INDEX(r15) + 1,
};

static uint8_t reg_word(unsigned reg)
{
    uint8_t word = reg < X86_REG_ENDING ? reg_words[reg] : 0;
    return word > 0 ? (uint8_t)(word - 1) : INSN_NO_REG;
}

/* Instructions by what must be known of them; all others have none of these traits. */
enum trait { BRANCHES = 1, ENTERS_KERNEL = 2, SHOWS_FLAGS = 4 };
static const struct {
    unsigned id;
    unsigned traits;
} special[] = {
    {X86_INS_SYSCALL, ENTERS_KERNEL}, {X86_INS_SYSENTER, ENTERS_KERNEL},
    {X86_INS_INT, ENTERS_KERNEL},     {X86_INS_INT1, ENTERS_KERNEL},
    {X86_INS_INT3, ENTERS_KERNEL},    {X86_INS_INTO, ENTERS_KERNEL},
    {X86_INS_UD2, ENTERS_KERNEL},     {X86_INS_UD0, ENTERS_KERNEL},
    {X86_INS_HLT, ENTERS_KERNEL},     {X86_INS_RDTSC, ENTERS_KERNEL},
    {X86_INS_RDTSCP, ENTERS_KERNEL},  {X86_INS_CPUID, ENTERS_KERNEL},
    {X86_INS_PUSHF, SHOWS_FLAGS},     {X86_INS_PUSHFQ, SHOWS_FLAGS},
    {X86_INS_POPF, SHOWS_FLAGS},      {X86_INS_POPFQ, SHOWS_FLAGS},
    {X86_INS_IRET, SHOWS_FLAGS},      {X86_INS_IRETD, SHOWS_FLAGS},
    {X86_INS_IRETQ, SHOWS_FLAGS},     {X86_INS_LSS, SHOWS_FLAGS},
    {X86_INS_LOOP, BRANCHES},         {X86_INS_LOOPE, BRANCHES},
    {X86_INS_LOOPNE, BRANCHES},       {X86_INS_JCXZ, BRANCHES},
    {X86_INS_JECXZ, BRANCHES},        {X86_INS_JRCXZ, BRANCHES},
    {X86_INS_XBEGIN, BRANCHES},       {X86_INS_XABORT, BRANCHES},
    {X86_INS_SYSRET, ENTERS_KERNEL},  {X86_INS_SYSEXIT, ENTERS_KERNEL},
};

/* Those that compilers put into loops. What mul and imul leave undefined nobody can have a use for,
 * and it is not the same on each CPU. */
static enum insn_flags flags_of(unsigned id)
{
    static const uint16_t overwrite[] = {X86_INS_CMP, X86_INS_TEST, X86_INS_ADD, X86_INS_SUB,
                                         X86_INS_AND, X86_INS_OR,   X86_INS_XOR, X86_INS_NEG,
                                         X86_INS_MUL, X86_INS_IMUL};
    static const uint16_t keep[] = {X86_INS_MOV,    X86_INS_MOVABS, X86_INS_LEA,    X86_INS_MOVZX,
                                    X86_INS_MOVSX,  X86_INS_MOVSXD, X86_INS_NOP,    X86_INS_PAUSE,
                                    X86_INS_PUSH,   X86_INS_POP,    X86_INS_NOT,    X86_INS_MOVD,
                                    X86_INS_MOVQ,   X86_INS_MOVSS,  X86_INS_MOVSD,  X86_INS_MOVAPS,
                                    X86_INS_MOVUPS, X86_INS_MOVAPD, X86_INS_MOVDQA, X86_INS_MOVDQU,
                                    X86_INS_ADDSS,  X86_INS_ADDSD,  X86_INS_SUBSD,  X86_INS_MULSS,
                                    X86_INS_MULSD,  X86_INS_DIVSD,  X86_INS_ADDPD,  X86_INS_MULPD,
                                    X86_INS_PXOR,   X86_INS_PADDD,  X86_INS_PADDQ};
    for (size_t i = 0; i < sizeof overwrite / sizeof overwrite[0]; i++)
        if (overwrite[i] == id)
            return INSN_FLAGS_OVERWRITTEN;
    for (size_t i = 0; i < sizeof keep / sizeof keep[0]; i++)
        if (keep[i] == id)
            return INSN_FLAGS_KEPT;
    return INSN_FLAGS_UNKNOWN;
}

static unsigned traits_of(const cs_insn *in)
{
    const cs_x86 *x = &in->detail->x86;
    unsigned traits = 0;
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (special[i].id == in->id)
            traits |= special[i].traits;
    for (uint8_t i = 0; i < in->detail->groups_count; i++) {
        uint8_t group = in->detail->groups[i];
        if (group == CS_GRP_JUMP || group == CS_GRP_CALL || group == CS_GRP_RET ||
            group == CS_GRP_IRET || group == CS_GRP_BRANCH_RELATIVE)
            traits |= BRANCHES;
        if (group == CS_GRP_INT)
            traits |= ENTERS_KERNEL;
    }
    bool loads_ss =
        x->op_count > 0 && x->operands[0].type == X86_OP_REG && x->operands[0].reg == X86_REG_SS;
    return loads_ss ? traits | SHOWS_FLAGS : traits;
}

static uint8_t segment_word(unsigned segment)
{
    return segment == X86_REG_FS   ? REG_INDEX(fs_base)
           : segment == X86_REG_GS ? REG_INDEX(gs_base)
                                   : INSN_NO_REG;
}

static void take_operand(const cs_x86_op *op, struct insn *ret)
{
    if ((op->access & CS_AC_WRITE) == 0 ||
        ret->n_written == sizeof ret->written / sizeof ret->written[0])
        return;
    ret->written[ret->n_written++] = (struct insn_operand){
        .base = reg_word(op->mem.base),
        .index = reg_word(op->mem.index),
        .scale = (uint8_t)op->mem.scale,
        .segment = segment_word(op->mem.segment),
        .size = op->size,
        .by_rip = op->mem.base == X86_REG_RIP,
        .disp = op->mem.disp,
    };
}

/* Plain jumps to a place that the instruction tells, without any prefix. */
static void take_jump(const uint8_t *code, struct insn *ret)
{
    int32_t far = 0;
    if (ret->len >= 5)
        memcpy(&far, code + ret->len - 4, sizeof far);
    int64_t distance = ret->len == 2 ? (int8_t)code[1] : far;
    bool near_jcc = ret->len == 2 && code[0] >= 0x70 && code[0] <= 0x7f;
    bool far_jcc = ret->len == 6 && code[0] == 0x0f && code[1] >= 0x80 && code[1] <= 0x8f;
    bool always = (ret->len == 2 && code[0] == 0xeb) || (ret->len == 5 && code[0] == 0xe9);
    ret->jumps = near_jcc || far_jcc || always;
    ret->condition = always ? INSN_ALWAYS : code[far_jcc ? 1 : 0] & 0xf;
    ret->target = ret->addr + ret->len + (uint64_t)distance;
}

bool machine_insn_decode(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr,
                         struct insn *ret)
{
    const uint8_t *start = code;
    uint64_t at = addr;
    if (!cs_disasm_iter(d->handle, &code, &len, &at, d->insn))
        return false;
    const cs_x86 *x = &d->insn->detail->x86;
    unsigned traits = traits_of(d->insn);
    *ret = (struct insn){
        .addr = addr,
        .len = (uint8_t)d->insn->size,
        .branches = (traits & BRANCHES) != 0,
        .enters_kernel = (traits & ENTERS_KERNEL) != 0,
        .shows_flags = (traits & SHOWS_FLAGS) != 0,
        .flags = flags_of(d->insn->id),
        .locked = x->prefix[0] == X86_PREFIX_LOCK,
    };
    for (uint8_t i = 0; i < x->op_count; i++) {
        const cs_x86_op *op = &x->operands[i];
        if (op->type != X86_OP_MEM)
            continue;
        take_operand(op, ret);
        if (op->mem.base == X86_REG_RIP && x->encoding.disp_size == 4)
            ret->rip_at = x->encoding.disp_offset;
    }
    /* the prefix is told of string instructions and of `bnd`, not of `pause` and SSE */
    bool repeats = x->prefix[0] == X86_PREFIX_REP || x->prefix[0] == X86_PREFIX_REPNE;
    ret->repeats = repeats && !ret->branches;
    if (ret->branches)
        take_jump(start, ret);
    return true;
}

uint64_t machine_insn_operand_address(const struct insn *insn, const struct insn_operand *op,
                                      const struct user_regs_struct *regs)
{
    const unsigned long long *words = (const void *)regs;
    uint64_t addr = (uint64_t)op->disp;
    if (op->by_rip)
        addr += insn->addr + insn->len;
    if (op->base != INSN_NO_REG)
        addr += words[op->base];
    if (op->index != INSN_NO_REG)
        addr += words[op->index] * op->scale;
    if (op->segment != INSN_NO_REG)
        addr += words[op->segment];
    return addr;
}

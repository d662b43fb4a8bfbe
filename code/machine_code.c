/* Owns the encodings of the instructions that tell of the machine. Whether bytes are code at all,
 * others must know. */
#include "code/machine_code.h"

#include "code/insn.h"

enum {
    OPERAND_SIZE = 1, /* 66 */
    REPNE = 2,        /* f2 */
    REP = 4,          /* f3 */
    NEUTRAL = 8,      /* segments, address size: change nothing here */
    REX = 16,
    ANY = OPERAND_SIZE | REPNE | REP,
};

static const uint8_t prefix_of[256] = {
    [0x66] = OPERAND_SIZE, [0xf2] = REPNE,   [0xf3] = REP,     [0x26] = NEUTRAL, [0x2e] = NEUTRAL,
    [0x36] = NEUTRAL,      [0x3e] = NEUTRAL, [0x64] = NEUTRAL, [0x65] = NEUTRAL, [0x67] = NEUTRAL,
    [0x40] = REX,          [0x41] = REX,     [0x42] = REX,     [0x43] = REX,     [0x44] = REX,
    [0x45] = REX,          [0x46] = REX,     [0x47] = REX,     [0x48] = REX,     [0x49] = REX,
    [0x4a] = REX,          [0x4b] = REX,     [0x4c] = REX,     [0x4d] = REX,     [0x4e] = REX,
    [0x4f] = REX,
};

#define OF_MEMORY 0x38

/* What the bytes behind 0f are. */
static const struct encoding {
    enum machine_insn_kind kind;
    uint8_t opcode;
    uint8_t mask, modrm; /* of the byte behind the opcode; mask 0: there is none, OF_MEMORY: only
                            with an operand in memory */
    uint8_t must, may;   /* prefixes; with others it is another instruction, or none */
} encodings[] = {
    {MACHINE_CPUID, 0xa2, 0, 0, 0, ANY},
    {MACHINE_RDTSC, 0x31, 0, 0, 0, ANY},
    {MACHINE_RDTSCP, 0x01, 0xff, 0xf9, 0, ANY},
    {MACHINE_XGETBV, 0x01, 0xff, 0xd0, 0, 0},
    {MACHINE_RDRAND, 0xc7, 0xf8, 0xf0, 0, OPERAND_SIZE},
    {MACHINE_RDSEED, 0xc7, 0xf8, 0xf8, 0, OPERAND_SIZE},
    {MACHINE_RDPID, 0xc7, 0xf8, 0xf8, REP, REP | OPERAND_SIZE},
    {MACHINE_FXSAVE, 0xae, OF_MEMORY, 0x00, 0, 0},
    {MACHINE_XSAVE, 0xae, OF_MEMORY, 0x20, 0, 0},
    {MACHINE_XRSTOR, 0xae, OF_MEMORY, 0x28, 0, 0},
    {MACHINE_XSAVEOPT, 0xae, OF_MEMORY, 0x30, 0, 0},
    {MACHINE_XSAVEC, 0xc7, OF_MEMORY, 0x20, 0, 0},
};

#define LONGEST 15

static const struct encoding *find_encoding(const uint8_t *p, size_t len, uint8_t prefixes)
{
    for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++) {
        const struct encoding *e = &encodings[i];
        if (p[1] == e->opcode && (e->mask == 0 || (len > 2 && (p[2] & e->mask) == e->modrm)) &&
            (prefixes & e->must) == e->must && (prefixes & ANY & ~e->may) == 0)
            return e;
    }
    return NULL;
}

static uint8_t operand_size(uint8_t prefixes, uint8_t rex)
{
    return (rex & 8) != 0 ? 8 : (prefixes & OPERAND_SIZE) != 0 ? 2 : 4;
}

/* p: the ModRM byte. */
static void read_operand(const uint8_t *p, uint8_t prefixes, uint8_t rex, struct machine_insn *insn)
{
    switch (insn->kind) {
    case MACHINE_RDRAND:
    case MACHINE_RDSEED:
    case MACHINE_RDPID:
        insn->reg = (uint8_t)((p[0] & 7) | (rex & 1) << 3);
        insn->size = insn->kind == MACHINE_RDPID ? 8 : operand_size(prefixes, rex);
        break;
    case MACHINE_FXSAVE:
    case MACHINE_XSAVE:
    case MACHINE_XRSTOR:
    case MACHINE_XSAVEOPT:
    case MACHINE_XSAVEC:
        insn->size = operand_size(0, rex);
        break;
    case MACHINE_NONE:
    case MACHINE_CPUID:
    case MACHINE_RDTSC:
    case MACHINE_RDTSCP:
    case MACHINE_XGETBV:
        break;
    }
}

bool machine_insn_at(const uint8_t *p, size_t len, struct machine_insn *ret)
{
    uint8_t prefixes = 0, rex = 0;
    size_t i = 0;
    if (len > LONGEST)
        len = LONGEST;
    for (; i < len && prefix_of[p[i]] != 0; i++) {
        prefixes |= prefix_of[p[i]];
        rex = prefix_of[p[i]] == REX ? p[i] : 0; /* counts only right before the opcode */
    }
    if (i + 2 > len || p[i] != 0x0f)
        return false;
    const struct encoding *e = find_encoding(p + i, len - i, prefixes);
    if (e == NULL)
        return false;
    size_t size = i + (e->mask == 0 ? 2 : 3);
    if (e->mask == OF_MEMORY && (p[i + 2] >= 0xc0 || insn_decode(p, len, &size) == INSN_UNKNOWN))
        return false;
    *ret = (struct machine_insn){.len = (uint8_t)size, .kind = e->kind};
    read_operand(p + i + 2, prefixes, rex, ret);
    return true;
}

const char *machine_insn_name(enum machine_insn_kind kind)
{
    static const char *const names[] = {
        [MACHINE_NONE] = "none",     [MACHINE_CPUID] = "cpuid",   [MACHINE_RDTSC] = "rdtsc",
        [MACHINE_RDTSCP] = "rdtscp", [MACHINE_XGETBV] = "xgetbv", [MACHINE_RDRAND] = "rdrand",
        [MACHINE_RDSEED] = "rdseed", [MACHINE_RDPID] = "rdpid",   [MACHINE_FXSAVE] = "fxsave",
        [MACHINE_XSAVE] = "xsave",   [MACHINE_XRSTOR] = "xrstor", [MACHINE_XSAVEOPT] = "xsaveopt",
        [MACHINE_XSAVEC] = "xsavec",
    };
    return names[kind];
}

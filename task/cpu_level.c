/* Owns what each level offers: the answers of cpuid, less what is beyond it. Below the host's own
 * level a leaf or a bit is hidden unless it is known to be of the level, or to do no harm: CPUs to
 * come have features that this program does not know. Leaves: Intel SDM vol. 2A, CPUID, and AMD APM
 * vol. 3, appendix E. */
#include "task/cpu_level.h"

#include "task/cpu_features.h"

#include <string.h>

/* ---- names ---- */

static const char *const names[] = {
    [CPU_V1] = "x86-64-v1", [CPU_V2] = "x86-64-v2", [CPU_V3] = "x86-64-v3",
    [CPU_V4] = "x86-64-v4", [CPU_HOST] = "host",
};

const char *cpu_level_name(enum cpu_level level)
{
    return names[level];
}

bool cpu_level_named(const char *name, enum cpu_level *ret)
{
    for (enum cpu_level i = CPU_V1; i <= CPU_HOST; i++)
        if (strcmp(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

/* ---- what a CPU has ---- */

static struct cpuid_regs ask_here(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf)
{
    (void)source;
    return cpu_here(leaf, subleaf);
}

static struct cpuid_regs ask_for_features(const struct cpu_source *source, uint32_t leaf,
                                          uint32_t subleaf)
{
    (void)source;
    return cpu_steady(leaf, subleaf);
}

static struct cpu_source this_machine(void)
{
    return (struct cpu_source){.cpuid = ask_for_features, .xcr0 = cpu_xcr0()};
}

static uint32_t *reg_of(struct cpuid_regs *r, uint8_t reg)
{
    uint32_t *regs[] = {&r->eax, &r->ebx, &r->ecx, &r->edx};
    return regs[reg & 3];
}

static bool source_has(const struct cpu_source *source, const struct cpu_feature *f)
{
    struct cpuid_regs r = source->cpuid(source, f->leaf, f->subleaf);
    return (*reg_of(&r, f->reg) >> f->bit & 1) != 0 && (source->xcr0 & f->state) == f->state;
}

bool cpu_has(const struct cpu_feature *feature)
{
    struct cpu_source here = this_machine();
    return source_has(&here, feature);
}

const char *cpu_level_lacks(const struct cpu_source *source, enum cpu_level level)
{
    struct cpu_source here = this_machine();
    const struct cpu_feature *f;
    for (size_t i = 0; level < CPU_HOST && (f = cpu_feature(i)) != NULL; i++)
        if (f->from <= level && !source_has(source != NULL ? source : &here, f))
            return f->name;
    return NULL;
}

enum cpu_level cpu_level_within(const struct cpu_source *source, enum cpu_level most)
{
    enum cpu_level level = most;
    while (level > CPU_V1 && cpu_level_lacks(source, level) != NULL)
        level--;
    return level;
}

enum cpu_level cpu_level_portable(void)
{
    return cpu_level_within(NULL, CPU_V3);
}

/* ---- what is offered of it ---- */

#define BIT(n) (1u << (n))
#define ALL    UINT32_MAX
#define ANY    UINT32_MAX /* subleaf */

/* Of leaf 1, edx: VME DE PSE TSC MSR PAE MCE APIC SEP MTRR PGE MCA PAT PSE-36 CLFSH HTT. rdtsc is
 * answered; clflush all have; the others are the kernel's, or tell the number of threads. */
#define LEAF_1_EDX 0x100b7afeu
/* Of leaf 0x80000001, edx: what AMD has there of leaf 1; NX, pages of a GiB, rdtscp, long mode. */
#define EXTENDED_EDX 0x2d93f3ffu

#define EVERYTHING                                                                                 \
    {                                                                                              \
        ALL, ALL, ALL, ALL                                                                         \
    }

/* What passes at the levels below the host's, beside the features of the level: what says nothing
 * of instructions, or only how fast those are that all have. */
static const struct passed {
    uint32_t leaf, subleaf;
    uint32_t bits[4]; /* eax to edx */
} passed[] = {
    {0, ANY, EVERYTHING},                                /* vendor */
    {1, ANY, {ALL, ALL, BIT(21) | BIT(31), LEAF_1_EDX}}, /* x2APIC, hypervisor */
    {2, ANY, EVERYTHING},                                /* caches */
    {4, ANY, EVERYTHING},                                /* caches */
    {7, 0, {0, BIT(9), 0, BIT(4)}},                      /* rep movsb is fast: ERMS, FSRM */
    {0xb, ANY, EVERYTHING},                              /* topology */
    {0xd, 1, {BIT(1), 0, 0, 0}},                         /* XSAVEC, see offer_xsave */
    {0xd, ANY, EVERYTHING},                              /* what offer_xsave leaves of it */
    {0x15, ANY, EVERYTHING},                             /* rate of the TSC */
    {0x16, ANY, EVERYTHING},                             /* frequencies */
    {0x80000000, ANY, EVERYTHING},                       /* vendor */
    {0x80000001, ANY, {ALL, ALL, BIT(1) | BIT(22), EXTENDED_EDX}}, /* topology */
    {0x80000002, ANY, EVERYTHING},                                 /* name */
    {0x80000003, ANY, EVERYTHING},
    {0x80000004, ANY, EVERYTHING},
    {0x80000005, ANY, EVERYTHING}, /* caches */
    {0x80000006, ANY, EVERYTHING},
    {0x80000007, ANY, {0, 0, 0, BIT(8)}}, /* the TSC is steady */
    {0x80000008, ANY, {ALL, 0, ALL, 0}},  /* sizes of addresses, cores */
    {0x8000001d, ANY, EVERYTHING},        /* caches */
    {0x8000001e, ANY, EVERYTHING},        /* topology */
};

/* Of processor trace and AMX: hidden at all levels. */
static const uint32_t never_leaves[] = {0x14, 0x1d, 0x1e};

/* Components of XCR0: x87, SSE, AVX, AVX-512 (opmask, ZMM_Hi256, Hi16_ZMM), PKRU. */
static const uint32_t components[] = {
    [CPU_V1] = 0x03, [CPU_V2] = 0x03, [CPU_V3] = 0x07, [CPU_V4] = 0xe7, [CPU_HOST] = 0x2e7,
};

static bool of_hypervisor(uint32_t leaf)
{
    return leaf >> 28 == 4;
}

/* Beyond the last leaf of their range, some CPUs answer as to another one, which may have to be
 * hidden. */
static bool in_range(const struct cpu_source *source, uint32_t leaf)
{
    uint32_t first = leaf & BIT(31);
    return of_hypervisor(leaf) || leaf <= source->cpuid(source, first, 0).eax;
}

static bool has_subleaves(uint32_t leaf)
{
    return leaf == 7 || leaf == 0xd; /* of those with features */
}

/* The bits of features in a register, of those from a level of `low` to `high` on. */
static uint32_t bits_of_features(uint32_t leaf, uint32_t subleaf, uint8_t reg, enum cpu_level low,
                                 enum cpu_level high)
{
    uint32_t bits = 0;
    const struct cpu_feature *f;
    for (size_t i = 0; (f = cpu_feature(i)) != NULL; i++)
        if (f->leaf == leaf && (!has_subleaves(leaf) || f->subleaf == subleaf) && f->reg == reg &&
            f->from >= low && f->from <= high)
            bits |= BIT(f->bit);
    return bits;
}

static void hide_what_is_never_offered(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
    for (size_t i = 0; i < sizeof never_leaves / sizeof never_leaves[0]; i++)
        if (never_leaves[i] == leaf)
            *r = (struct cpuid_regs){0};
    for (uint8_t reg = 0; reg < 4; reg++)
        *reg_of(r, reg) &= ~bits_of_features(leaf, subleaf, reg, CPU_NEVER, CPU_NEVER);
}

static void keep_what_passes(uint32_t leaf, uint32_t subleaf, enum cpu_level level,
                             struct cpuid_regs *r)
{
    const struct passed *p = NULL;
    for (size_t i = 0; p == NULL && i < sizeof passed / sizeof passed[0]; i++)
        if (passed[i].leaf == leaf && (passed[i].subleaf == ANY || passed[i].subleaf == subleaf))
            p = &passed[i];
    if (of_hypervisor(leaf))
        return;
    for (uint8_t reg = 0; reg < 4; reg++)
        *reg_of(r, reg) &=
            p == NULL ? 0 : p->bits[reg] | bits_of_features(leaf, subleaf, reg, CPU_V1, level);
}

/* The size of an area with these components, in the format that is not compacted. */
static uint32_t area_size(const struct cpu_source *source, uint32_t mask)
{
    uint32_t size = 576;
    for (uint32_t i = 2; i < 32; i++) {
        struct cpuid_regs c = {0};
        if ((mask & BIT(i)) != 0)
            c = source->cpuid(source, 0xd, i);
        if (c.ebx + c.eax > size)
            size = c.ebx + c.eax;
    }
    return size;
}

/* Leaf 0xd tells the components of XSAVE and their places: offer fewer of them. XSAVEC stays,
 * though not all machines of x86-64-v3 have it: a program's XSAVE and XSAVEC are executed for it
 * (state_insn.h), but where they are not found a program that took XSAVE would reserve room for
 * what it was told of, and the CPU, which knows all components, would write past that. */
static void offer_xsave(const struct cpu_source *source, uint32_t subleaf, enum cpu_level level,
                        struct cpuid_regs *r)
{
    uint32_t offered = components[level];
    if (level < CPU_V3) {
        *r = (struct cpuid_regs){0};
    } else if (subleaf == 0) {
        r->eax &= offered;
        r->edx = 0;
        r->ebx = r->ecx = area_size(source, r->eax);
    } else if (subleaf == 1) {
        r->ebx = r->ecx = r->edx = 0; /* of XSAVES */
    } else if (subleaf >= 32 || (offered & BIT(subleaf)) == 0) {
        *r = (struct cpuid_regs){0};
    }
}

struct cpuid_regs cpu_offered_of(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf,
                                 enum cpu_level level)
{
    struct cpuid_regs r = {0};
    if (!in_range(source, leaf))
        return r;
    r = source->cpuid(source, leaf, subleaf);
    hide_what_is_never_offered(leaf, subleaf, &r);
    if (level < CPU_HOST)
        keep_what_passes(leaf, subleaf, level, &r);
    if (leaf == 0xd)
        offer_xsave(source, subleaf, level, &r);
    return r;
}

struct cpuid_regs cpu_offered(uint32_t leaf, uint32_t subleaf, enum cpu_level level)
{
    struct cpu_source here = {.cpuid = ask_here};
    return cpu_offered_of(&here, leaf, subleaf, level);
}

uint64_t cpu_offered_xcr0(enum cpu_level level)
{
    return cpu_xcr0() & components[level];
}

/* Owns what a program may know of the CPU. Bit numbers: Intel SDM vol. 2A, CPUID. */
#include "task/cpu.h"

#include <cpuid.h>

enum { EAX, EBX, ECX, EDX };

/* Why a feature is kept from programs. */
enum mask {
    MASK_NEVER,    /* part of x86-64-v3 */
    MASK_BASELINE, /* beyond x86-64-v3: hidden by --cpu=baseline */
    MASK_ALWAYS,   /* its results cannot be recorded */
};

struct feature_row {
    struct cpu_feature f;
    enum mask mask;
};

#define ROW(NAME, LEAF, SUB, REG, BIT, MASK)                                                       \
    {                                                                                              \
        {NAME, LEAF, SUB, REG, BIT}, MASK                                                          \
    }
static const struct feature_row rows[] = {
    ROW("sse3", 1, 0, ECX, 0, MASK_NEVER),
    ROW("pclmulqdq", 1, 0, ECX, 1, MASK_BASELINE),
    ROW("ssse3", 1, 0, ECX, 9, MASK_NEVER),
    ROW("fma", 1, 0, ECX, 12, MASK_NEVER),
    ROW("cx16", 1, 0, ECX, 13, MASK_NEVER),
    ROW("sse4_1", 1, 0, ECX, 19, MASK_NEVER),
    ROW("sse4_2", 1, 0, ECX, 20, MASK_NEVER),
    ROW("movbe", 1, 0, ECX, 22, MASK_NEVER),
    ROW("popcnt", 1, 0, ECX, 23, MASK_NEVER),
    ROW("aes", 1, 0, ECX, 25, MASK_BASELINE),
    ROW("xsave", 1, 0, ECX, 26, MASK_NEVER),
    ROW("avx", 1, 0, ECX, 28, MASK_NEVER),
    ROW("f16c", 1, 0, ECX, 29, MASK_NEVER),
    ROW("rdrand", 1, 0, ECX, 30, MASK_ALWAYS),
    ROW("fsgsbase", 7, 0, EBX, 0, MASK_BASELINE),
    ROW("bmi1", 7, 0, EBX, 3, MASK_NEVER),
    ROW("hle", 7, 0, EBX, 4, MASK_ALWAYS),
    ROW("avx2", 7, 0, EBX, 5, MASK_NEVER),
    ROW("bmi2", 7, 0, EBX, 8, MASK_NEVER),
    ROW("rtm", 7, 0, EBX, 11, MASK_ALWAYS),
    ROW("avx512f", 7, 0, EBX, 16, MASK_BASELINE),
    ROW("avx512dq", 7, 0, EBX, 17, MASK_BASELINE),
    ROW("rdseed", 7, 0, EBX, 18, MASK_ALWAYS),
    ROW("adx", 7, 0, EBX, 19, MASK_BASELINE),
    ROW("avx512ifma", 7, 0, EBX, 21, MASK_BASELINE),
    ROW("clflushopt", 7, 0, EBX, 23, MASK_BASELINE),
    ROW("clwb", 7, 0, EBX, 24, MASK_BASELINE),
    ROW("avx512cd", 7, 0, EBX, 28, MASK_BASELINE),
    ROW("sha_ni", 7, 0, EBX, 29, MASK_BASELINE),
    ROW("avx512bw", 7, 0, EBX, 30, MASK_BASELINE),
    ROW("avx512vl", 7, 0, EBX, 31, MASK_BASELINE),
    ROW("avx512_vbmi", 7, 0, ECX, 1, MASK_BASELINE),
    ROW("pku", 7, 0, ECX, 3, MASK_BASELINE),
    ROW("ospke", 7, 0, ECX, 4, MASK_BASELINE),
    ROW("waitpkg", 7, 0, ECX, 5, MASK_ALWAYS),
    ROW("avx512_vbmi2", 7, 0, ECX, 6, MASK_BASELINE),
    ROW("shstk", 7, 0, ECX, 7, MASK_ALWAYS),
    ROW("gfni", 7, 0, ECX, 8, MASK_BASELINE),
    ROW("vaes", 7, 0, ECX, 9, MASK_BASELINE),
    ROW("vpclmulqdq", 7, 0, ECX, 10, MASK_BASELINE),
    ROW("avx512_vnni", 7, 0, ECX, 11, MASK_BASELINE),
    ROW("avx512_bitalg", 7, 0, ECX, 12, MASK_BASELINE),
    ROW("avx512_vpopcntdq", 7, 0, ECX, 14, MASK_BASELINE),
    ROW("rdpid", 7, 0, ECX, 22, MASK_ALWAYS),
    ROW("cldemote", 7, 0, ECX, 25, MASK_BASELINE),
    ROW("movdiri", 7, 0, ECX, 27, MASK_BASELINE),
    ROW("movdir64b", 7, 0, ECX, 28, MASK_BASELINE),
    ROW("enqcmd", 7, 0, ECX, 29, MASK_ALWAYS),
    ROW("avx512_4vnniw", 7, 0, EDX, 2, MASK_BASELINE),
    ROW("avx512_4fmaps", 7, 0, EDX, 3, MASK_BASELINE),
    ROW("uintr", 7, 0, EDX, 5, MASK_ALWAYS),
    ROW("avx512_vp2intersect", 7, 0, EDX, 8, MASK_BASELINE),
    ROW("rtm_always_abort", 7, 0, EDX, 11, MASK_ALWAYS),
    ROW("serialize", 7, 0, EDX, 14, MASK_BASELINE),
    ROW("tsxldtrk", 7, 0, EDX, 16, MASK_ALWAYS),
    ROW("ibt", 7, 0, EDX, 20, MASK_ALWAYS),
    ROW("amx_bf16", 7, 0, EDX, 22, MASK_ALWAYS),
    ROW("avx512_fp16", 7, 0, EDX, 23, MASK_BASELINE),
    ROW("amx_tile", 7, 0, EDX, 24, MASK_ALWAYS),
    ROW("amx_int8", 7, 0, EDX, 25, MASK_ALWAYS),
    ROW("sha512", 7, 1, EAX, 0, MASK_BASELINE),
    ROW("sm3", 7, 1, EAX, 1, MASK_BASELINE),
    ROW("sm4", 7, 1, EAX, 2, MASK_BASELINE),
    ROW("rao_int", 7, 1, EAX, 3, MASK_BASELINE),
    ROW("avx_vnni", 7, 1, EAX, 4, MASK_BASELINE),
    ROW("avx512_bf16", 7, 1, EAX, 5, MASK_BASELINE),
    ROW("cmpccxadd", 7, 1, EAX, 7, MASK_BASELINE),
    ROW("amx_fp16", 7, 1, EAX, 21, MASK_ALWAYS),
    ROW("hreset", 7, 1, EAX, 22, MASK_ALWAYS),
    ROW("avx_ifma", 7, 1, EAX, 23, MASK_BASELINE),
    ROW("lam", 7, 1, EAX, 26, MASK_ALWAYS),
    ROW("avx_vnni_int8", 7, 1, EDX, 4, MASK_BASELINE),
    ROW("avx_ne_convert", 7, 1, EDX, 5, MASK_BASELINE),
    ROW("amx_complex", 7, 1, EDX, 8, MASK_ALWAYS),
    ROW("avx_vnni_int16", 7, 1, EDX, 10, MASK_BASELINE),
    ROW("user_msr", 7, 1, EDX, 15, MASK_ALWAYS),
    ROW("avx10", 7, 1, EDX, 19, MASK_BASELINE),
    ROW("apx", 7, 1, EDX, 21, MASK_ALWAYS),
    ROW("xgetbv1", 0xd, 1, EAX, 2, MASK_ALWAYS),
    ROW("lahf_lm", 0x80000001, 0, ECX, 0, MASK_NEVER),
    ROW("lzcnt", 0x80000001, 0, ECX, 5, MASK_NEVER),
    ROW("sse4a", 0x80000001, 0, ECX, 6, MASK_BASELINE),
    ROW("xop", 0x80000001, 0, ECX, 11, MASK_BASELINE),
    ROW("lwp", 0x80000001, 0, ECX, 15, MASK_ALWAYS),
    ROW("fma4", 0x80000001, 0, ECX, 16, MASK_BASELINE),
    ROW("tbm", 0x80000001, 0, ECX, 21, MASK_BASELINE),
    ROW("mwaitx", 0x80000001, 0, ECX, 29, MASK_ALWAYS),
    ROW("3dnowext", 0x80000001, 0, EDX, 30, MASK_BASELINE),
    ROW("3dnow", 0x80000001, 0, EDX, 31, MASK_BASELINE),
    ROW("clzero", 0x80000008, 0, EBX, 0, MASK_BASELINE),
    ROW("rdpru", 0x80000008, 0, EBX, 4, MASK_ALWAYS),
};

/* XCR0 components offered: x87, SSE, AVX, AVX-512 (opmask, ZMM_Hi256, Hi16_ZMM), PKRU. */
#define XCR0_BASELINE 0x07u
#define XCR0_OFFERED  0x2e7u

struct cpuid_regs cpu_native(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_regs r;
    __cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
    return r;
}

static uint32_t *reg_of(struct cpuid_regs *r, uint8_t reg)
{
    uint32_t *regs[] = {&r->eax, &r->ebx, &r->ecx, &r->edx};
    return regs[reg & 3];
}

/* Leaf 0xd tells the components of XSAVE and their places: offer fewer of them. */
static void mask_xsave(uint32_t subleaf, bool baseline, struct cpuid_regs *r)
{
    uint32_t offered = baseline ? XCR0_BASELINE : XCR0_OFFERED;
    if (subleaf == 0) {
        r->eax &= offered;
        r->edx = 0;
        uint32_t size = 576;
        for (uint32_t i = 2; i < 32; i++) {
            if ((r->eax & (1u << i)) == 0)
                continue;
            struct cpuid_regs c = cpu_native(0xd, i);
            if (c.ebx + c.eax > size)
                size = c.ebx + c.eax;
        }
        r->ebx = size;
        r->ecx = size;
    } else if (subleaf == 1) {
        r->ebx = 0;
        r->ecx = 0;
        r->edx = 0;
        r->eax &= ~(1u << 3 | 1u << 4); /* XSAVES, XFD */
    } else if (subleaf >= 32 || (offered & (1u << subleaf)) == 0) {
        *r = (struct cpuid_regs){0};
    }
}

struct cpuid_regs cpu_offered(uint32_t leaf, uint32_t subleaf, bool baseline)
{
    struct cpuid_regs r = cpu_native(leaf, subleaf);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct feature_row *row = &rows[i];
        bool has_subleafs = leaf == 7 || leaf == 0xd; /* of the leaves above; else ecx is ignored */
        if (row->f.leaf != leaf || (has_subleafs && row->f.subleaf != subleaf) ||
            row->mask == MASK_NEVER)
            continue;
        if (row->mask == MASK_ALWAYS || baseline)
            *reg_of(&r, row->f.reg) &= ~(1u << row->f.bit);
    }
    if (leaf == 0xd)
        mask_xsave(subleaf, baseline, &r);
    if (leaf == 0x14 || leaf == 0x1d || leaf == 0x1e || (baseline && leaf == 0x24))
        r = (struct cpuid_regs){0}; /* processor trace, AMX, AVX10 */
    return r;
}

uint64_t cpu_xcr0(void)
{
    if ((cpu_native(1, 0).ecx & bit_OSXSAVE) == 0)
        return 0;
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

const struct cpu_feature *cpu_feature(size_t i)
{
    return i < sizeof rows / sizeof rows[0] ? &rows[i].f : NULL;
}

enum cpu_trap cpu_trap_decode(const uint8_t *code, size_t len, size_t *ret_len)
{
    size_t i = 0;
    /* operand size, segment, rep and REX prefixes change nothing here */
    while (i < len && i < 12 &&
           (code[i] == 0x66 || code[i] == 0x67 || code[i] == 0x2e || code[i] == 0x36 ||
            code[i] == 0x3e || code[i] == 0x26 || code[i] == 0x64 || code[i] == 0x65 ||
            code[i] == 0xf2 || code[i] == 0xf3 || (code[i] & 0xf0) == 0x40))
        i++;
    if (i + 2 > len || code[i] != 0x0f)
        return CPU_TRAP_NONE;
    *ret_len = i + 2;
    if (code[i + 1] == 0x31)
        return CPU_TRAP_RDTSC;
    if (code[i + 1] == 0xa2)
        return CPU_TRAP_CPUID;
    if (i + 3 <= len && code[i + 1] == 0x01 && code[i + 2] == 0xf9) {
        *ret_len = i + 3;
        return CPU_TRAP_RDTSCP;
    }
    return CPU_TRAP_NONE;
}

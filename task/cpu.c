/* Owns the asking of the CPU, and the look of the instructions that ask it. */
#include "task/cpu.h"

#include <cpuid.h>
#include <string.h>

struct cpuid_regs cpu_native(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_regs r;
    __cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
    return r;
}

/* The topology's leaves, of which some hold the number of the processor that is asked. */
static bool tells_of_a_processor(uint32_t leaf)
{
    return leaf == 1 || leaf == 0xb || leaf == 0x1f || leaf == 0x8000001e || leaf == 0x80000026;
}

/* Leaves that answer without a look at the subleaf, which is often what happened to be in ecx. */
static bool has_no_subleaves(uint32_t leaf)
{
    return leaf < 4 || leaf - 0x80000000 < 9;
}

struct cpuid_regs cpu_steady(uint32_t leaf, uint32_t subleaf)
{
    if (has_no_subleaves(leaf))
        subleaf = 0;
    static _Thread_local struct asked {
        bool known;
        uint32_t leaf, subleaf;
        struct cpuid_regs told;
    } asked[64];
    struct asked *a = &asked[(leaf ^ leaf >> 26 ^ subleaf << 3) % 64];
    if (!a->known || a->leaf != leaf || a->subleaf != subleaf)
        *a = (struct asked){true, leaf, subleaf, cpu_native(leaf, subleaf)};
    return a->told;
}

struct cpuid_regs cpu_here(uint32_t leaf, uint32_t subleaf)
{
    return tells_of_a_processor(leaf) ? cpu_native(leaf, subleaf) : cpu_steady(leaf, subleaf);
}

struct cpu_identity cpu_identity(struct cpuid_regs leaf_0, uint32_t signature)
{
    struct cpu_identity id = {.family = signature >> 8 & 0xf, .model = signature >> 4 & 0xf};
    memcpy(id.vendor, &leaf_0.ebx, 4);
    memcpy(id.vendor + 4, &leaf_0.edx, 4);
    memcpy(id.vendor + 8, &leaf_0.ecx, 4);
    if (id.family == 6 || id.family == 15)
        id.model |= signature >> 12 & 0xf0;
    if (id.family == 15)
        id.family += signature >> 20 & 0xff;
    for (size_t i = 0; i < 12; i++)
        if (id.vendor[i] < ' ' || id.vendor[i] > '~')
            id.vendor[i] = '?';
    return id;
}

uint64_t cpu_xcr0(void)
{
    if ((cpu_steady(1, 0).ecx & bit_OSXSAVE) == 0)
        return 0;
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
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

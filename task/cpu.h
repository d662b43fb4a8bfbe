/* What CPUID and XGETBV answer on this CPU, and the trapped instructions. Intel SDM vol. 2A. */
#ifndef REPRISE_TASK_CPU_H
#define REPRISE_TASK_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};

/* CPUID on this CPU, untouched. */
struct cpuid_regs cpu_native(uint32_t leaf, uint32_t subleaf);

/* The same, but a thread asks the CPU only once for it: in a virtual machine each CPUID leaves to
 * the hypervisor, which takes 10 to 70 us. For what all processors tell alike, as features are. */
struct cpuid_regs cpu_steady(uint32_t leaf, uint32_t subleaf);

/* The same, but leaves that hold the number of the processor are asked each time. */
struct cpuid_regs cpu_here(uint32_t leaf, uint32_t subleaf);

/* XGETBV(0); 0 where the CPU has no XSAVE. */
uint64_t cpu_xcr0(void);

/* Whose CPU it is, and which: leaf 0, and eax of leaf 1 (Intel SDM vol. 2A, CPUID, "Processor
 * Signature"). */
struct cpu_identity {
    char vendor[13]; /* "GenuineIntel"; printable, whatever the leaves hold */
    uint32_t family, model;
};
struct cpu_identity cpu_identity(struct cpuid_regs leaf_0, uint32_t signature);

enum cpu_trap {
    CPU_TRAP_NONE,
    CPU_TRAP_RDTSC,  /* 0f 31 */
    CPU_TRAP_RDTSCP, /* 0f 01 f9 */
    CPU_TRAP_CPUID,  /* 0f a2 */
};
/* Which trapped instruction the bytes start with, behind any prefixes that do not matter, and
 * its length. */
enum cpu_trap cpu_trap_decode(const uint8_t *code, size_t len, size_t *ret_len);

#endif

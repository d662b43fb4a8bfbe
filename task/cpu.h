/* What CPUID offers to a recorded program, and the trapped instructions. Intel SDM vol. 2A. */
#ifndef REPRISE_TASK_CPU_H
#define REPRISE_TASK_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};

/* CPUID on this CPU, less what cannot be recorded (RDRAND, RDSEED, TSX, RDPID, WAITPKG, AMX,
 * UINTR, XGETBV(1)); with baseline also less all that is not in x86-64-v3. */
struct cpuid_regs cpu_offered(uint32_t leaf, uint32_t subleaf, bool baseline);
/* CPUID on this CPU, untouched. */
struct cpuid_regs cpu_native(uint32_t leaf, uint32_t subleaf);

/* XGETBV(0); 0 where the CPU has no XSAVE. */
uint64_t cpu_xcr0(void);

/* A feature bit that a program may rely on, for messages. reg: 0 eax ... 3 edx. */
struct cpu_feature {
    const char *name;
    uint32_t leaf, subleaf;
    uint8_t reg, bit;
};
/* The i-th named feature, or NULL behind the last. */
const struct cpu_feature *cpu_feature(size_t i);

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

/* Levels of CPUs, and what a program is offered at each: the answers of cpuid and xgetbv.
 *
 * A program that is told of a level below its machine's uses no instruction that a machine of that
 * level lacks, and so its trace replays there. What tells of the machine otherwise (vendor, model,
 * caches, topology) stays the machine's own: it is input like any other. */
#ifndef REPRISE_TASK_CPU_LEVEL_H
#define REPRISE_TASK_CPU_LEVEL_H

#include "task/cpu.h"

#include <stdbool.h>
#include <stdint.h>

enum cpu_level {
    CPU_V1, /* x86-64 psABI, "Micro-Architecture Levels" */
    CPU_V2,
    CPU_V3,
    CPU_V4,
    CPU_HOST,  /* all that the machine has, less what cannot be recorded (RDRAND, TSX, AMX ...) */
    CPU_NEVER, /* no level: of features that are never offered */
};

/* "x86-64-v3", "host". */
const char *cpu_level_name(enum cpu_level level);
/* The level of this name. False: there is none. */
bool cpu_level_named(const char *name, enum cpu_level *ret);

/* Where cpuid is asked; NULL stands for this machine. */
struct cpu_source {
    struct cpuid_regs (*cpuid)(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf);
    uint64_t xcr0;
};

/* The first feature of the level that the CPU lacks; NULL: it has them all. */
const char *cpu_level_lacks(const struct cpu_source *source, enum cpu_level level);
/* The highest level up to `most` of which the CPU has all features. */
enum cpu_level cpu_level_within(const struct cpu_source *source, enum cpu_level most);
/* The default of recordings: x86-64-v3, or less if this machine has less. */
enum cpu_level cpu_level_portable(void);

/* What cpuid answers to a program of that level, and xgetbv(0). */
struct cpuid_regs cpu_offered_of(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf,
                                 enum cpu_level level);
struct cpuid_regs cpu_offered(uint32_t leaf, uint32_t subleaf, enum cpu_level level);
uint64_t cpu_offered_xcr0(enum cpu_level level);

/* Whether this machine has the feature, switched on by its kernel. */
struct cpu_feature;
bool cpu_has(const struct cpu_feature *feature);

#endif

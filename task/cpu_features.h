/* What a program may find a CPU to be able to do. */
#ifndef REPRISE_TASK_CPU_FEATURES_H
#define REPRISE_TASK_CPU_FEATURES_H

#include "task/cpu_level.h"

#include <stddef.h>

/* A feature that a program may rely on. */
struct cpu_feature {
    const char *name;
    uint32_t leaf, subleaf; /* of cpuid */
    uint8_t reg, bit;       /* reg: 0 eax ... 3 edx */
    enum cpu_level from;    /* the lowest level that offers it */
    uint8_t state;          /* components of XCR0 without which it faults all the same */
};
/* The i-th, or NULL behind the last. */
const struct cpu_feature *cpu_feature(size_t i);

#endif

/* The flags of a CPU as Linux tells them in /proc/cpuinfo. */
#ifndef REPRISE_TASK_CPU_FLAGS_H
#define REPRISE_TASK_CPU_FLAGS_H

#include "task/cpu_level.h"

#include <stddef.h>

/* Its name there. */
const char *cpu_flag_of(const struct cpu_feature *feature);

/* Takes out of the text, or of a beginning of it, the flags that a program of that level is not
 * told of by cpuid either. The text keeps its length, for it may be read in pieces: a shorter line
 * ends with blanks. */
void cpu_flags_hide(char *text, size_t len, enum cpu_level level);

#endif

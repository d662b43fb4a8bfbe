/* What the kernel tells a program of the CPU beside cpuid: it is made to agree with what cpuid and
 * the auxiliary vector on the stack have told. */
#ifndef REPRISE_RECORDER_CPU_READS_H
#define REPRISE_RECORDER_CPU_READS_H

#include "recorder/record_state.h"

/* At the exit stop of any call, before what it wrote is logged. */
void cpu_reads_mend(struct recorder *r, struct task *t);

#endif

/* Calls by which a program reads memory through the kernel: where instructions are rewritten there,
 * it gets those that it knows. */
#ifndef REPRISE_RECORDER_FOREIGN_READS_H
#define REPRISE_RECORDER_FOREIGN_READS_H

#include "recorder/record_state.h"

/* At the exit stop of any call, before what it wrote is logged. */
void foreign_reads_mend(struct recorder *r, struct task *t);

#endif

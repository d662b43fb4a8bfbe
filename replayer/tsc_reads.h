/* Time stamps that the recorded program has read by code in its vDSO (vdso/tsc_read.h). The same
 * code runs, but the instruction that reads is a syscall here, answered by what was recorded. So no
 * replay depends on what the machine can do. */
#ifndef REPRISE_REPLAYER_TSC_READS_H
#define REPRISE_REPLAYER_TSC_READS_H

#include "replayer/replay_state.h"

/* If the mapping is a vDSO with such code: makes *ret the same mapping with that changed. False: it
 * is to be mapped as it is. Free with tsc_reads_unpatch. */
bool tsc_reads_patch(struct replayer *r, const Reprise__Mapping *m, Reprise__Mapping *ret);
void tsc_reads_unpatch(Reprise__Mapping *m);

/* How many reads the event tells of; 0: it is no such event. */
size_t tsc_reads_count(const Reprise__Event *e);
/* The call that number i of them is made by, with its result. args: room for its arguments. */
void tsc_reads_as_call(const Reprise__Trap *trap, size_t i, uint64_t tsc, uint64_t args[1],
                       Reprise__Syscall *ret);

#endif

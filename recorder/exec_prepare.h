/* What is done to a fresh program before its first instruction. */
#ifndef REPRISE_RECORDER_EXEC_PREPARE_H
#define REPRISE_RECORDER_EXEC_PREPARE_H

#include "recorder/record_state.h"

/* The task is at the exit stop of its execve, its mappings are in r->maps, its stack ends at rsp.
 * False: it is gone, or the recording was given up. */
bool exec_prepare(struct recorder *r, struct task *t, uint64_t rsp);

/* Whether a mapping of the kernel's is one that the program does not get to see. */
bool exec_prepare_hides(const struct map *m);

#endif

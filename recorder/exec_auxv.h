/* The auxiliary vector of a fresh program: getauxval(3). */
#ifndef REPRISE_RECORDER_EXEC_AUXV_H
#define REPRISE_RECORDER_EXEC_AUXV_H

#include "recorder/record_state.h"

/* Makes it tell of our vDSO, and of the CPU what cpuid tells. rsp: the new program's first. */
void exec_auxv_edit(struct recorder *r, struct task *t, uint64_t rsp);
/* The same in a copy of a vector, which the kernel has given later (/proc/PID/auxv, PR_GET_AUXV):
 * as the program has it on its stack. */
void exec_auxv_correct(const struct recorder *r, void *vector, size_t len);

#endif

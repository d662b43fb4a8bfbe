/* The auxiliary vector of a fresh program: getauxval(3). */
#ifndef REPRISE_RECORDER_EXEC_AUXV_H
#define REPRISE_RECORDER_EXEC_AUXV_H

#include "recorder/record_state.h"

/* Makes it tell of our vDSO, and of the CPU what cpuid tells. rsp: the new program's first. */
void exec_auxv_edit(struct recorder *r, struct task *t, uint64_t rsp);

#endif

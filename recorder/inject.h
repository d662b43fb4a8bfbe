/* Calls that the recorder makes a stopped task run for itself: no event tells of them. */
#ifndef REPRISE_RECORDER_INJECT_H
#define REPRISE_RECORDER_INJECT_H

#include "recorder/record_state.h"

/* The address of a syscall instruction in the task's memory; 0: none is known. */
uint64_t inject_place(const struct task *t);

/* Runs the call in the task, which may be at any stop but the entry of a call, and must have no
 * filter of its own, which would judge it. Signals that come meanwhile stay pending. The call's
 * result, or -errno if the task could not be made to run it (-ESRCH: it is gone; -ENOEXEC: no place
 * is known). */
int64_t inject_call(struct task *t, int64_t nr, const uint64_t args[6]);

#endif

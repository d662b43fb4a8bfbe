/* Registers of tasks that their own tracers set. */
#ifndef REPRISE_RECORDER_PTRACE_REGS_H
#define REPRISE_RECORDER_PTRACE_REGS_H

#include "recorder/record_state.h"

/* Registers of the task, which is stopped for its tracer, were changed from `before` to what they
 * are now. */
void ptrace_log_regs(struct recorder *r, struct task *t, const struct user_regs_struct *before);

#endif

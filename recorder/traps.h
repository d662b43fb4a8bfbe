/* Instructions that tell of the machine, by their trap or by the int3 in their place. */
#ifndef REPRISE_RECORDER_TRAPS_H
#define REPRISE_RECORDER_TRAPS_H

#include "recorder/record_state.h"

/* The task stopped with SIGSEGV or SIGTRAP. True: it was a trapped instruction, which is answered
 * and logged, and the task runs on. */
bool traps_take(struct recorder *r, struct task *t, const siginfo_t *info,
                const struct user_regs_struct *regs);
void traps_done(struct recorder *r);

#endif

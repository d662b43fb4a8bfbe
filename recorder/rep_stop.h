/* The stop behind a repeated instruction, by which a task leaves it as a whole. */
#ifndef REPRISE_RECORDER_REP_STOP_H
#define REPRISE_RECORDER_REP_STOP_H

#include "recorder/record_state.h"
#include "task/code_stop.h"
#include "task/machine_insn.h"

/* The task, with these registers, is before the instruction or in its midst. False: nothing can be
 * set there that nobody else would see. */
bool rep_stop_set(struct recorder *r, const struct task *t, const struct user_regs_struct *regs,
                  const struct insn *insn, struct code_stop *ret);
/* Whatever became of the task. */
void rep_stop_clear(struct recorder *r, const struct task *t, struct code_stop *stop);

#endif

/* Instructions that save and restore the state of FPU and vector registers, executed for the
 * program: see task/state_insn.h. */
#ifndef REPRISE_RECORDER_STATE_TRAPS_H
#define REPRISE_RECORDER_STATE_TRAPS_H

#include "recorder/record_state.h"

/* Does what the instruction does, whose bytes these are, in a stopped task, and notes it in the
 * event; regs: before it. False: it raises a signal, and has done nothing. */
bool state_traps_answer(struct recorder *r, struct task *t, enum machine_insn_kind kind,
                        const uint8_t *code, size_t len, const struct user_regs_struct *regs,
                        Reprise__Trap *trap, siginfo_t *ret_fault);

#endif

/* Where rdtsc and rdtscp trap, each of them is a stop. In a program that executes them often they
 * are rewritten as if they did not (hot_reads.h): then they cost a hundredth.
 *
 * The traps stay on, so that none is missed that was not rewritten, until a thread comes to the
 * instruction in the vDSO that such a read leads to: in that thread they are turned off. So this is
 * done only where all of the program's code is known. */
#ifndef REPRISE_RECORDER_HOT_TRAPS_H
#define REPRISE_RECORDER_HOT_TRAPS_H

#include "recorder/record_state.h"

/* The task has read the time stamp counter by a trap at addr, which is logged, and is behind it, as
 * *regs tells. */
void hot_traps_count(struct recorder *r, struct task *t, uint64_t addr,
                     const struct user_regs_struct *regs);
/* If this is the trap of the instruction in the vDSO: the task goes on, without an event. */
bool hot_traps_take(struct recorder *r, struct task *t, const siginfo_t *info,
                    const struct user_regs_struct *regs);

#endif

/* Where rdtsc and rdtscp do not trap, an int3 stands in their place. One that is executed often
 * becomes a jump to code in the vDSO, which reads the time stamp counter and notes what it has read
 * (vdso/tsc_read.h), without a stop. All of that is in the trace: a replay jumps the same way.
 *
 * Where that is possible nothing is moved (task/redirect.h). Else the instructions behind it move,
 * if no task and no frame of a handler is known to stand there; or the int3 stays. */
#ifndef REPRISE_RECORDER_HOT_READS_H
#define REPRISE_RECORDER_HOT_READS_H

#include "recorder/emit.h"
#include "recorder/record_state.h"

/* The instruction at addr was executed by a stop, which is logged; the task is behind it, as *regs
 * tells, or where that has moved to. */
void hot_reads_count(struct recorder *r, struct task *t, uint64_t addr,
                     struct user_regs_struct *regs);
/* A handler is about to be called; the frame has this address. */
void hot_reads_note_frame(const struct task *t, uint64_t ip);
/* The instruction for which the code in the vDSO has gone on at `back`, len bytes long itself. */
uint64_t hot_reads_address(const struct task *t, uint64_t back, size_t len);

/* A range is about to be changed or handed over: in code that it is part of, all jumps are int3
 * again. What changes is appended to `out`. */
void hot_reads_stop_in(struct recorder *r, struct task *t, uint64_t start, uint64_t end,
                       struct emit_list *out);
/* Somebody else has written there: the same, but for what was written. Logged. */
void hot_reads_written(struct recorder *r, struct task *t, uint64_t start, uint64_t end);
/* From now on all stop, in all of the task's memory. To be told at the entry of a call; or, if not
 * at_call, for a task that is stopped where a replay finds it. */
void hot_reads_stop(struct recorder *r, struct task *t, bool at_call);

/* Whether the address is on the way that a jump leads. */
bool hot_reads_has_way_at(const struct task *t, uint64_t ip);

#endif

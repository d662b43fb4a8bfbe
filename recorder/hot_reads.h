/* Where rdtsc and rdtscp do not trap, an int3 stands in their place. One that is executed often
 * becomes a jump to code in the vDSO, which reads the time stamp counter and notes what it has read
 * (vdso/tsc_read.h), without a stop. All of that is in the trace: a replay jumps the same way.
 *
 * Nothing is moved (task/redirect.h), and where that is not possible, the int3 stays. */
#ifndef REPRISE_RECORDER_HOT_READS_H
#define REPRISE_RECORDER_HOT_READS_H

#include "recorder/emit.h"
#include "recorder/record_state.h"

/* The instruction at addr was executed by a stop, which is logged; the task is behind it. */
void hot_reads_count(struct recorder *r, struct task *t, uint64_t addr);

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

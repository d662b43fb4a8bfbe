/* Runs a replayed task to where it stops by itself. */
#ifndef REPRISE_REPLAYER_TASK_RUN_H
#define REPRISE_REPLAYER_TASK_RUN_H

#include "replayer/replay_state.h"
#include "task/stop.h"

/* Kills and frees what was made for a child that was never born. Takes NULL. */
void unborn_free(struct unborn *u);

struct rtask *rtask_find(const struct replayer *r, uint32_t serial);
struct rtask *rtask_new(struct replayer *r, uint32_t serial);
/* Kills its process, if it has one, for another one or for none. */
void rtask_end_process(struct replayer *r, const struct rtask *t);
void rtask_free(struct replayer *r, struct rtask *t);
/* Watches the memory of a new process, where this machine can; NULL without memory. */
struct memory_watch *rtask_watch_new(const struct replayer *r);

/* Notes why a process that is gone ended. Returns -errno. */
int task_has_ended(struct replayer *r, pid_t pid, struct stop stop);
/* Lets the task run until it arrives at a syscall or raises a fault, unless it has arrived. 0, or
 * -errno noted in the replayer's err. */
int rtask_arrive(struct replayer *r, struct rtask *t);
/* Executes one instruction of a task that has arrived nowhere. 0, or -errno noted in the replayer's
 * err; an instruction that does not end is a divergence, and so is a system call. */
int rtask_step(struct replayer *r, struct rtask *t);
/* Extends the stack down to an address, as the kernel would (mm/mmap.c,
 * expand_stack). False if the address is not the stack's to reach. */
bool rtask_grow_stack(struct replayer *r, struct rtask *t, uint64_t addr);
/* Its registers, read when first asked for after an arrival; they may be changed. Where it came by
 * the fast stub they are what they would be without. NULL, noted in err, when they cannot be had.
 */
struct user_regs_struct *rtask_regs(struct replayer *r, struct rtask *t);
/* The arrival is dealt with: the registers are set as they stand in t->regs, it may run on. */
int rtask_leave(struct replayer *r, struct rtask *t);
/* The same, with nothing changed but the result of the call. */
int rtask_leave_call(struct replayer *r, struct rtask *t, int64_t result);

#endif

/* What can be told of the call that a task is in. */
#ifndef REPRISE_RECORDER_CALL_FACTS_H
#define REPRISE_RECORDER_CALL_FACTS_H

#include "recorder/record_state.h"

/* Whether the task is inside a call that may wait for others. */
bool call_may_wait(struct recorder *r, struct task *t);
/* True for -ERESTARTSYS and its kind (linux/errno.h, never seen by user code). */
bool call_is_restart(int64_t result);
/* The task's memory, for the table's walkers. */
struct syscall_memory call_memory(struct task *t);
/* Of mmap. */
bool call_mmap_is_file(const struct call *c);
bool call_mmap_is_shared(const struct call *c);
/* Whether the call maps a file so that others see what is written there. */
bool call_maps_shared_file(const struct call *c);
/* Forgets the call, keeps its memory. */
void call_reset(struct call *c);
/* At the entry stop: the kernel does nothing, the program gets this result. */
void call_nullify(struct task *t, int64_t answer);

#endif

/* Calls that write to memory before they wait, where others shall see it: the waiter's mark in a
 * priority-inheriting futex, the ids of a vfork's child. */
#ifndef REPRISE_RECORDER_EARLY_WRITES_H
#define REPRISE_RECORDER_EARLY_WRITES_H

#include "recorder/record_state.h"

/* The task holds the token and was let into such a call, whose entry is logged. Waits until the
 * call waits, and logs what it has written. False: it does not wait, the task has stopped again. */
bool early_writes_log_when_waiting(struct recorder *r, struct task *t);
/* The task made a child in a call that goes on: logs what it wrote, as with this result. */
void early_writes_log(struct recorder *r, struct task *t, int64_t result);
/* Yields the core until the task is asleep in the kernel (true) or has stopped or is gone. */
bool early_writes_await_sleep(const struct task *t);

#endif

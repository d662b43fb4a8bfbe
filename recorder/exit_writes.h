/* What the kernel writes into memory that others share when a task ends. */
#ifndef REPRISE_RECORDER_EXIT_WRITES_H
#define REPRISE_RECORDER_EXIT_WRITES_H

#include "recorder/emit.h"

/* Whether tasks that go on may see what the kernel writes as this one ends. */
bool exit_writes_are_seen(const struct task *t);
/* The task is at its exit stop: appends what the kernel is about to write. */
void exit_writes_add(struct recorder *r, struct task *t, struct emit_list *out);
/* The task goes on to its end: waits until the writes are done, and logs those that could not be
 * told before. Nobody who could see them may run meanwhile. */
void exit_writes_await(struct recorder *r, struct task *t);
/* The task is about to exec, which ends its use of the memory in the same way: finds out what the
 * kernel will write. */
void exit_writes_foresee(struct task *t);
/* The exec went well: logs that. The task is in its old group and space still. */
void exit_writes_at_exec(struct recorder *r, struct task *t);

#endif

/* What the kernel writes into memory that others share when a task ends. */
#ifndef REPRISE_RECORDER_EXIT_WRITES_H
#define REPRISE_RECORDER_EXIT_WRITES_H

#include "recorder/emit.h"

/* The task is at its exit stop: appends what the kernel is about to write. */
void exit_writes_add(struct recorder *r, struct task *t, struct emit_list *out);
/* The task goes on to its end: waits until the writes are done. Nobody who could see them may run
 * before, for the log says so already. */
void exit_writes_await(struct recorder *r, struct task *t);

#endif

/* Tasks are born. */
#ifndef REPRISE_RECORDER_BIRTHS_H
#define REPRISE_RECORDER_BIRTHS_H

#include "recorder/record_state.h"

/* The task is at the event of a fork: its child is recorded from here on, and it goes on. */
void births_at_fork(struct recorder *r, struct task *t);
/* Whether the task is in a call that makes a child, and has told of none yet. */
bool births_is_forking(const struct task *t);
/* A task that is killed while it forks does not tell of its child; the child is there, at its
 * first stop, and has it as its parent still. */
void births_find_lost(struct recorder *r, struct task *t);
/* Whether a new task is a thread of a recorded process, or a child of one. */
bool births_is_child_of_ours(const struct recorder *r, pid_t tid);

#endif

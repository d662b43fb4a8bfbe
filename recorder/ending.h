/* Tasks end. */
#ifndef REPRISE_RECORDER_ENDING_H
#define REPRISE_RECORDER_ENDING_H

#include "recorder/record_state.h"

/* The task is at its exit stop. */
void ending_at_exit(struct recorder *r, struct task *t);
/* Logs the end of a task that stands at its exit stop, and lets it end; at once, or when it gets
 * the token. */
void ending_end(struct recorder *r, struct task *t);
/* It has the token, if it needs it. */
void ending_die(struct recorder *r, struct task *t);
/* The task holds the token and has ended, of which wait has not told. */
void ending_unseen(struct recorder *r, struct task *t, int status);
/* The task is gone, with this wait status. */
void ending_at_death(struct recorder *r, struct task *t, int status);
/* The leader of a process is at its stop of an exec. A thread that is not the leader gets the
 * leader's tid, and the leader is no more (ptrace(2), "execve(2) under ptrace"). Returns the task
 * that goes on. */
struct task *ending_take_over(struct recorder *r, struct task *leader);

#endif

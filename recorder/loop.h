/* The main loop: one stop after the other. */
#ifndef REPRISE_RECORDER_LOOP_H
#define REPRISE_RECORDER_LOOP_H

#include "recorder/record_state.h"

/* Runs until no recorded task is left, or until the recording is given up. */
void loop_run(struct recorder *r);

/* Handles the wait status of one task. */
void loop_dispatch(struct recorder *r, pid_t tid, int status);

/* The task got the token: does what is due and lets it run. */
void task_run_due(struct recorder *r, struct task *t);

/* The task is in a stop that was handled. Whether it was killed out of it; that is dispatched then,
 * and the task may be no more. */
bool loop_look_for_death(struct recorder *r, struct task *t);

/* Logs the end of a task that stands at its exit stop, and lets it end; at once, or when it gets
 * the token. */
void task_end(struct recorder *r, struct task *t);

/* The task holds the token and has ended, of which wait has not told. */
void task_ended_unseen(struct recorder *r, struct task *t, int status);

/* Lets the task go on to its next stop, with a signal or 0. */
void task_resume(struct recorder *r, struct task *t, int signo);

#endif

/* The main loop: one stop after the other. */
#ifndef REPRISE_RECORDER_LOOP_H
#define REPRISE_RECORDER_LOOP_H

#include "recorder/record_state.h"

/* Runs until no recorded task is left, or until the recording is given up. */
void loop_run(struct recorder *r);

/* Logs the end of a task that stands at its exit stop, and lets it end; at once, or when it gets
 * the token. */
void task_end(struct recorder *r, struct task *t);

/* The task holds the token and has ended, of which wait has not told. */
void task_ended_unseen(struct recorder *r, struct task *t, int status);

#endif

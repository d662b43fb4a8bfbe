/* Stops and continuations of processes whose tasks share memory with others: a task must not keep
 * the token while it is stopped, and can give it up only at a boundary. */
#ifndef REPRISE_RECORDER_JOB_CONTROL_H
#define REPRISE_RECORDER_JOB_CONTROL_H

#include "recorder/record_state.h"

/* A stop signal without a handler is about to be taken by t. True: it was put off to where the task
 * of that process that runs is at a boundary, and t shall go on without it. */
bool job_control_put_off(struct recorder *r, struct task *t, const siginfo_t *info);
/* SIGCONT came: stops that were put off are off. */
void job_control_continued(struct recorder *r, struct task *t);
/* Nothing happened since the task's last boundary, or all that did is logged. */
bool job_control_is_at_boundary(const struct task *t);
/* The task is in a group stop: gives up the token, if it has it and replay finds the place. True:
 * it had to go on, and will be there again. */
bool job_control_stopped(struct recorder *r, struct task *t);
/* The task waits for the token, which one in a group stop may have. */
void job_control_queued(struct recorder *r, struct task *t);
/* The task left its group stop. True: it has to wait for the token, and goes on by itself. */
bool job_control_must_wait(struct recorder *r, struct task *t);

#endif

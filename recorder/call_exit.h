/* The exit of a call, as events tell it. */
#ifndef REPRISE_RECORDER_CALL_EXIT_H
#define REPRISE_RECORDER_CALL_EXIT_H

#include "recorder/record_state.h"

/* Logs the exit, or all of a call whose entry was not logged by itself. The task's call has the
 * result; regs: what user code will see. */
void call_log_exit_event(struct recorder *r, struct task *t, const struct user_regs_struct *regs);
/* Logs the call that a signal handler is about to interrupt, with its -ERESTART* result. */
void call_log_interrupted(struct recorder *r, struct task *t);
/* The task is at its end: logs what it has written by a call from which it did not come back. */
void call_log_last_write(struct recorder *r, struct task *t);

#endif

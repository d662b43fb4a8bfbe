/* A task that goes on unrecorded. */
#ifndef REPRISE_RECORDER_LEAVE_H
#define REPRISE_RECORDER_LEAVE_H

#include "recorder/record_state.h"
#include "task/stop.h"

/* Lets a task go from this stop, which is no PTRACE_EVENT_FORK or _EXEC, and may be one that the
 * loop has dealt with. */
void leave_at(struct recorder *r, struct task *t, const struct stop *stop);
/* The same from a stop that is not before a call, with this signal or 0. */
void leave_with(struct recorder *r, struct task *t, int signo);
/* Gives nothing back: the task is dying, or has it already. */
void leave_release(const struct recorder *r, pid_t tid, int signo);

#endif

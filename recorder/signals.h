/* Signals of recorded tasks. */
#ifndef REPRISE_RECORDER_SIGNALS_H
#define REPRISE_RECORDER_SIGNALS_H

#include "recorder/record_state.h"

/* The task is at a signal-delivery stop. */
void signals_at_stop(struct recorder *r, struct task *t, int signo);
/* The task has the token again and takes the signal it is stopped at. */
void signals_take_due(struct recorder *r, struct task *t);
/* The task leaves a group stop: a signal may have come with SIGCONT. */
void signals_after_stop(struct task *t);

/* The task's own tracer wants it to take the signal at whose delivery stop it is; at_boundary:
 * replay finds the place. */
void signals_take(struct recorder *r, struct task *t, const siginfo_t *info, bool at_boundary);

#endif

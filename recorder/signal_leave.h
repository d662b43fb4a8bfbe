/* Signals of a task that is let go unrecorded. */
#ifndef REPRISE_RECORDER_SIGNAL_LEAVE_H
#define REPRISE_RECORDER_SIGNAL_LEAVE_H

#include "recorder/record_state.h"

/* The task is at the delivery stop of this signal, or of none (0): if it has a handler the frame is
 * built, as long as the mask is the one that the call that it interrupts has set (sigsuspend(2)).
 * Returns the signal to let the task go with. */
int signal_leave_take(struct task *t, int signo);
/* What is held becomes pending, with what was sent along. The task may be at any stop. */
void signal_leave_held(struct task *t);

#endif

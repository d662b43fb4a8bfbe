/* Preemption: a task that computes without any boundary is stopped once its time slice is over, if
 * others of its group could run or a signal is held for it. It is stepped on to a good place, where
 * its complete state is logged (a Preemption event): that place is a boundary then. */
#ifndef REPRISE_RECORDER_PREEMPT_H
#define REPRISE_RECORDER_PREEMPT_H

#include "recorder/record_state.h"

/* Frees what was needed for it. */
void preempt_done(struct recorder *r);

/* wait4 was interrupted: stops each task whose slice is over. Its stop is STOP_TRAP. */
void preempt_look(struct recorder *r);
/* The task is at that stop, with t->slice.preempting set: deals with it and lets it go on. */
void preempt_at_stop(struct recorder *r, struct task *t);
/* The task is at the delivery stop of a signal that came while it computed, and that is held by
 * now: delivers it at a preemption point right away if the slice is over, else lets it go on. */
void preempt_for_signal(struct recorder *r, struct task *t);
/* The computing task, which is stopped anywhere, is brought to a point. True: it stands there. Else
 * it goes on, or did something else. */
bool preempt_make_point(struct recorder *r, struct task *t);

#endif

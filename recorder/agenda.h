/* What remains to be done when a stop has been handled. Whoever handles one says so here and
 * returns: the loop lets tasks run on, takes the stops that come and frees tasks, one thing after
 * the other. So no stop is handled within the handling of another one, and a task that a handler
 * was given stays there until it returns. A handler may let its task make a step or a call of the
 * recorder's; what else it meets then is the loop's (stops_met).
 *
 *   handler --  task_resume, agenda_due, agenda_bury ...  --> agenda --> loop  */
#ifndef REPRISE_RECORDER_AGENDA_H
#define REPRISE_RECORDER_AGENDA_H

#include "recorder/record_state.h"

/* The task goes on to its next stop, with a signal or 0. */
void task_resume(struct recorder *r, struct task *t, int signo);
/* What is due is done: the task has got the token, or needs none. */
void agenda_due(struct recorder *r, struct task *t);
/* The task waits for the token, which one in a group stop has. */
void agenda_queued(struct recorder *r, struct task *t);
/* The task has ended and is in no list any more: it is freed. */
void agenda_bury(struct recorder *r, struct task *t);

/* ---- the loop's side ---- */

/* Takes the first task out, and what it is there for (enum agenda_item); NULL: nothing is left. */
struct task *agenda_next(struct recorder *r, unsigned *ret_what);
/* Takes out one of the dead; NULL: there is none. */
struct task *agenda_next_buried(struct recorder *r);

#endif

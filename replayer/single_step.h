/* A replayed task, one instruction at a time. */
#ifndef REPRISE_REPLAYER_SINGLE_STEP_H
#define REPRISE_REPLAYER_SINGLE_STEP_H

#include "replayer/replay_state.h"

/* The task goes on by an instruction towards the event, which is its next. 1: it has executed one;
 * 0: the event comes first, which is to be applied, and then is what the instruction did if
 * single_step_is_done_by() says so; -errno noted in the replayer's err. */
int single_step_towards(struct replayer *r, struct rtask *t, const Reprise__Event *e);

/* Whether the event, once applied, is all that its task's instruction did: not where it only
 * interrupts the task, or begins a call that ends later. */
bool single_step_is_done_by(const Reprise__Event *e);

#endif

/* The way of a replayed task to the place where an event happened to it. */
#ifndef REPRISE_REPLAYER_EVENT_PLACE_H
#define REPRISE_REPLAYER_EVENT_PLACE_H

#include "replayer/replay_state.h"

/* Runs the task to where it was when the event came, if it was running then: to its system call, to
 * a fault or to a preemption point. 0: it is there; 1: it has met one of the session's stops before
 * (stops.h), and is to be sent on its way again; -errno noted in the replayer's err. */
int event_place_reach(struct replayer *r, struct rtask *t, const Reprise__Event *e);

#endif

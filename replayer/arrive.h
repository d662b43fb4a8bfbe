/* Takes a replayed task to a preemption point: the first place with the recorded state. */
#ifndef REPRISE_REPLAYER_ARRIVE_H
#define REPRISE_REPLAYER_ARRIVE_H

#include "replayer/replay_state.h"

/* The task, which has arrived nowhere, runs on from its last event until its complete state is the
 * point's. 0; 1: it stands at a stop of the session, and is to be sent again; -errno noted in the
 * replayer's err; a point that is never reached is a divergence
 * that tells the nearest arrival. */
int arrive_at_point(struct replayer *r, struct rtask *t, const Reprise__Preemption *p);

#endif

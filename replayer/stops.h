/* The stops of a session in the code of its tasks: an int3 for each, which stands there only while
 * a task of that code runs. With stops in the way, calls are not answered within the tasks. */
#ifndef REPRISE_REPLAYER_STOPS_H
#define REPRISE_REPLAYER_STOPS_H

#include "replayer/replay_state.h"
#include "task/stop.h"

/* The present step's; before it and after it. 0 or -errno noted in the replayer's err. */
int stops_begin(struct replayer *r, const struct replay_until *until);
void stops_end(struct replayer *r);

static inline bool stops_are_there(const struct replayer *r)
{
    return r->until != NULL && r->until->n_stops > 0;
}

/* Before a task goes on that has arrived nowhere. */
enum stops_first {
    STOPS_RUN,  /* it may run */
    STOPS_STEP, /* it stands at one, and has to be stepped past it */
    STOPS_HALT, /* it stands at one that was not told yet */
};
/* STOPS_*, or -errno noted in the replayer's err. */
int stops_before(struct replayer *r, struct rtask *t);

/* Around each time that the task runs. What is not mapped has no stop. 0 or -errno. */
int stops_insert(struct replayer *r, struct rtask *t);
int stops_remove(struct replayer *r, struct rtask *t);
/* Whether this is what the task has met: then it stands before the instruction, and that is told.
 * 1, 0 or -errno noted in the replayer's err. */
int stops_are_met(struct replayer *r, struct rtask *t, struct stop stop);

#endif

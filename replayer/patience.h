/* How long a replayed task may look for a preemption point. In a loop that only a signal ends, one
 * that will never be in the recorded state would look for ever. It used no more time when it was
 * recorded than there is between its events, and a replay has to be granted a multiple of that. */
#ifndef REPRISE_REPLAYER_PATIENCE_H
#define REPRISE_REPLAYER_PATIENCE_H

#include "replayer/replay_state.h"

struct patience {
    pid_t pid;
    timer_t timer;               /* interrupts the waiting now and then ... */
    struct sigaction old_action; /* ... by a signal, of which this was the action */
    uint64_t from;               /* processor time of the task when it began to look, ns */
    uint64_t recorded_ns;
    uint64_t option_ns; /* what the user grants; 0: what is usual */
    unsigned waits;
};

/* The task is about to look for a point that it reached at most so long after its last event. 0, or
 * -errno noted in the replayer's err. */
int patience_begin(struct replayer *r, const struct rtask *t, uint64_t recorded_ns,
                   struct patience *ret);
void patience_end(struct patience *p);

/* tracee_wait(); by_stops: it stops at each arrival, which takes a thousand times as long. -ETIME:
 * it was stopped, since there is no more patience. */
int patience_wait(struct patience *p, bool by_stops, int *ret_status);
/* Processor time that the task has used so far, in s. */
uint64_t patience_used_s(const struct patience *p);

#endif

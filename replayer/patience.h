/* How long a replayed task may compute without getting anywhere. One that is not what was recorded
 * may never come to its next event, or be in the recorded state where it was preempted, and would
 * compute for ever. It used no more time when it was recorded than there is between its events, and
 * a replay has to be granted a multiple of that. Meanwhile the budgets are looked at. */
#ifndef REPRISE_REPLAYER_PATIENCE_H
#define REPRISE_REPLAYER_PATIENCE_H

#include "replayer/replay_state.h"

struct patience {
    struct replayer *r;
    pid_t pid;
    bool has_begun;       /* a wait was long enough for the time to be asked */
    uint64_t from;        /* processor time of the task then, ns */
    uint64_t recorded_ns; /* what it took when it was recorded, at most */
    unsigned waits;
};

/* The task is about to run to the event at hand. Asks nobody. */
void patience_begin(struct replayer *r, const struct rtask *t, struct patience *ret);

/* tracee_wait(); by_stops: it stops at each arrival, which takes a thousand times as long. -ETIME:
 * it was stopped, since there is no more patience. -EDQUOT: a budget is used up, of which
 * budget_look() is asked before each resume, too. */
int patience_wait(struct patience *p, bool by_stops, int *ret_status);
/* Processor time that the task has used so far, in s. */
uint64_t patience_used_s(const struct patience *p);

#endif

/* The complete state of a task against that of a preemption point. */
#ifndef REPRISE_REPLAYER_POINT_STATE_H
#define REPRISE_REPLAYER_POINT_STATE_H

#include "replayer/check_stub.h"
#include "replayer/replay_state.h"
#include "task/memory_hash.h"

struct point {
    struct replayer *r;
    struct rtask *t;
    const Reprise__Preemption *p;
    struct user_regs_struct want;
    struct memory_span *dead; /* of the recording, and what replay adds: room for one more */
    size_t n_dead;
    uint32_t lanes[CHECK_LANES]; /* of SSE registers that tell one arrival from the other: as the
                                    trace says, and as was seen here */
    size_t n_lanes;
    bool has_learned;     /* a lane, since this was cleared */
    bool flags_are_dead;  /* the flags of calculations do not count */
    uint64_t arrivals;    /* that were looked at from outside */
    unsigned nearest;     /* how many registers differed at the nearest one; ~0: there was none */
    char difference[320]; /* of the nearest one */
};

int point_init(struct point *pt, struct replayer *r, struct rtask *t, const Reprise__Preemption *p);
void point_done(struct point *pt);

/* Whether the task, stopped at the point's address with these registers, is in the point's state.
 * 1: it is; 0: it is not; -errno noted in the replayer's err. */
int point_is_reached(struct point *pt, const struct user_regs_struct *regs);
/* The same as far as it can be told cheaply, and while a check stands at the point: 1 if it may be.
 */
int point_may_be_reached(struct point *pt, const struct user_regs_struct *regs);

/* The divergence: the task came to `instead` without having been in the point's state. */
int point_missed(const struct point *pt, const char *instead);

#endif

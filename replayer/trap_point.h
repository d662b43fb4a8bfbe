/* A trace from a machine on which rdtsc or cpuid trap, on a machine on which they do not: the
 * instruction is where the next event says. An int3 stands in its place while the task runs there. */
#ifndef REPRISE_REPLAYER_TRAP_POINT_H
#define REPRISE_REPLAYER_TRAP_POINT_H

#include "replayer/replay_state.h"

struct trap_point {
    uint64_t addr; /* 0: nothing is set */
    uint8_t original;
};

/* Before a task runs to the event at hand: sets the point if that is a trap that will not come by
 * itself. 0 or -errno noted in the replayer's err. */
int trap_point_set(struct replayer *r, struct rtask *t, struct trap_point *ret);
/* The task has stopped: nothing is changed any more. If it has met the point, its registers and
 * `fault` are as if the instruction had trapped. */
void trap_point_clear(struct replayer *r, struct rtask *t, struct trap_point *point);

/* Whether the task can run to this event through calls that do not stop. */
bool trap_point_is_ready(struct replayer *r, const struct rtask *t, const Reprise__Trap *trap);

#endif

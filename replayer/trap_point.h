/* A trace from a machine on which rdtsc or cpuid trap, on a machine on which they do not: the
 * instruction is where the next event says. A breakpoint register stops the task there, or, where
 * those do not hit, an int3 that stands in its place while the task runs there: a program that
 * reads its own code meanwhile sees that. */
#ifndef REPRISE_REPLAYER_TRAP_POINT_H
#define REPRISE_REPLAYER_TRAP_POINT_H

#include "replayer/replay_state.h"
#include "task/code_stop.h"

struct trap_point {
    struct code_stop stop;
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

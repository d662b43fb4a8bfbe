/* Whether a replayed task's FPU and vector state is the recorded one. */
#ifndef REPRISE_REPLAYER_XSTATE_COMPARE_H
#define REPRISE_REPLAYER_XSTATE_COMPARE_H

#include "replayer/replay_state.h"

/* *ret_differs: NULL if the state is equal, else what differs, a constant string. 0, or -errno
 * noted in the replayer's err. */
int xstate_compare(struct replayer *r, struct rtask *t, const ProtobufCBinaryData *recorded,
                   const char **ret_differs);

#endif

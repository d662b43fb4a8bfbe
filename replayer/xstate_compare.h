/* Whether a replayed task's FPU and vector state is the recorded one. */
#ifndef REPRISE_REPLAYER_XSTATE_COMPARE_H
#define REPRISE_REPLAYER_XSTATE_COMPARE_H

#include "replayer/replay_state.h"

struct xstate_difference {
    const char *what; /* a constant string; NULL: the state is equal */
    uint32_t lane;    /* which 8 bytes of xstate, if a register's of SSE; else 0 */
};

/* 0, or -errno noted in the replayer's err. */
int xstate_compare(struct replayer *r, struct rtask *t, const ProtobufCBinaryData *recorded,
                   struct xstate_difference *ret);

#endif

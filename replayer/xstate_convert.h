/* The FPU and vector state of replayed tasks. */
#ifndef REPRISE_REPLAYER_XSTATE_CONVERT_H
#define REPRISE_REPLAYER_XSTATE_CONVERT_H

#include "replayer/replay_state.h"

/* Sets the recorded xstate, moved to the layout of this CPU. Empty: leaves it alone. */
int xstate_set(struct replayer *r, struct rtask *t, const ProtobufCBinaryData *xstate);

/* Where the recording CPU kept a component of xstate; false: it had none of that number. */
bool xstate_recorded_place(const struct replayer *r, uint32_t component, uint32_t *ret_offset,
                           uint32_t *ret_size);

#endif

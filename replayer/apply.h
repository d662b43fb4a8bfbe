/* The events of a trace, carried out. */
#ifndef REPRISE_REPLAYER_APPLY_H
#define REPRISE_REPLAYER_APPLY_H

#include "replayer/replay_state.h"

/* Carries out the event at r->at. 0, or -errno noted in err. */
int apply_event(struct replayer *r);
/* Of the event at r->at, which tells of time stamps that were read, number i. The same. */
int apply_tsc_read(struct replayer *r, struct rtask *t, const Reprise__Trap *trap, size_t i,
                   uint64_t tsc);

#endif

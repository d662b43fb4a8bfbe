/* The address space of replayed tasks. */
#ifndef REPRISE_REPLAYER_MAP_OPS_H
#define REPRISE_REPLAYER_MAP_OPS_H

#include "replayer/replay_state.h"

/* Makes one mapping with its content. */
int map_ops_map(struct replayer *r, struct rtask *t, const Reprise__Mapping *m);
/* Repeats one recorded operation. */
int map_ops_apply(struct replayer *r, struct rtask *t, const Reprise__MapOp *op);

#endif

/* The watch over the memory of a replayed task, for preemption points. */
#ifndef REPRISE_REPLAYER_TASK_WATCH_H
#define REPRISE_REPLAYER_TASK_WATCH_H

#include "replayer/replay_state.h"

/* Before its memory is hashed: begins to watch it if that is worth it and can be done here. */
void task_watch_memory(struct replayer *r, const struct rtask *t);

#endif

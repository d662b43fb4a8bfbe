/* The image of a task, rebuilt. */
#ifndef REPRISE_REPLAYER_EXEC_REBUILD_H
#define REPRISE_REPLAYER_EXEC_REBUILD_H

#include "replayer/replay_state.h"

/* Gives the task a fresh process with the image's memory and registers. */
int exec_rebuild(struct replayer *r, struct rtask *t, const Reprise__Exec *exec);

#endif

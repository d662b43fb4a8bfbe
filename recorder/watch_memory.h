/* Makes the memory of a recorded program watched, where that makes its hash cheaper. */
#ifndef REPRISE_RECORDER_WATCH_MEMORY_H
#define REPRISE_RECORDER_WATCH_MEMORY_H

#include "recorder/record_state.h"

/* The task is at a preemption point, stopped by a step: turns on the watch of its space if the next
 * hash would be the cheaper for it. Signals that come meanwhile are held. */
void watch_memory(struct recorder *r, struct task *t);

#endif

/* The order in which tasks write to the program's outputs. */
#ifndef REPRISE_RECORDER_OUTPUT_TURN_H
#define REPRISE_RECORDER_OUTPUT_TURN_H

#include "recorder/record_state.h"

/* The task is at the entry of a call. True if the call writes to an output that another task is
 * writing to: it stays stopped until its turn comes, when it is resumed. */
bool output_turn_must_wait(struct recorder *r, struct task *t);
/* The task's call is logged, or the task is gone: the next one may write. */
void output_turn_end(struct recorder *r, struct task *t);

#endif

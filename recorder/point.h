/* The event of a preemption point. */
#ifndef REPRISE_RECORDER_POINT_H
#define REPRISE_RECORDER_POINT_H

#include "recorder/step_walk.h"

/* Logs the complete state of the stopped task as a Preemption. 0, or -errno with nothing logged:
 * -ESRCH the task is gone. */
int point_log(struct recorder *r, struct task *t, const struct step_walk *walk);

#endif

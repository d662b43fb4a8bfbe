/* Time slices: a task that computes while others of its group could run, or while a signal is held
 * for it, is stopped when its slice is over (preempt.h). */
#ifndef REPRISE_RECORDER_SLICES_H
#define REPRISE_RECORDER_SLICES_H

#include "recorder/record_state.h"

/* Call from the tracing thread. 0 or -errno. */
int slices_new(struct recorder *r);
void slices_free(struct recorder *r);

/* The task got the token, or got somebody who waits for it: when its slice is over, wait4 is
 * interrupted (EINTR). */
void slices_want(struct recorder *r, const struct task *t);
/* Whether the task has run for a slice since its last point. */
bool slices_are_over(struct recorder *r, const struct task *t);
/* The task was brought to a point, which has cost so many ns. */
void slices_adapt(const struct recorder *r, struct task *t, bool spins, uint64_t cost);

/* wait4 was interrupted: a look at all tasks, one after the other. */
struct slices_look {
    uint64_t now, next;
};
struct slices_look slices_look(struct recorder *r);
/* Whether the task's slice is over. */
bool slices_look_at(const struct recorder *r, struct slices_look *look, const struct task *t);
/* Sets the timer. Whether what the stubs have noted is to be read, too. */
bool slices_look_done(struct recorder *r, const struct slices_look *look);

#endif

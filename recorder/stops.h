/* The stops and ends of tasks, in the order in which they are handled. */
#ifndef REPRISE_RECORDER_STOPS_H
#define REPRISE_RECORDER_STOPS_H

#include "recorder/record_state.h"

/* What the next task tells. */
struct told {
    pid_t tid; /* 0: nothing yet, but it is time to look around; -1: nobody is left */
    int status;
};

/* Waits for it. Only the loop does. */
struct told stops_next(struct recorder *r);
/* A status that was not the one that was waited for: it is handled next, as if it came now. */
void stops_met(struct recorder *r, pid_t tid, int status);
/* Whether there are such that were not handled yet. */
bool stops_are_left(const struct recorder *r);
/* The task is in a stop that was handled. Whether it was killed out of it; that is handled next. */
bool stops_look_for_death(struct recorder *r, struct task *t);

#endif

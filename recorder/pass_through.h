/* The time after a recording that ended before the program. */
#ifndef REPRISE_RECORDER_PASS_THROUGH_H
#define REPRISE_RECORDER_PASS_THROUGH_H

#include "recorder/record_state.h"

/* Stays with the program to its end: r->root_status tells it. Where calls stop by the filter, which
 * cannot be taken off, each stop is passed through, and all tasks are waited for: without a tracer
 * their calls would fail. When the user insists on the recorder's end, a keeper takes over. */
void pass_through(struct recorder *r);

/* Passes through the stops of all tracees of this process until none is left. */
void pass_through_all(void);
/* The part of it that deals with one wait status of a task that was let go. */
void pass_on(struct recorder *r, pid_t tid, int status);

#endif

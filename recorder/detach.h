/* The end of a recording before the end of the program. */
#ifndef REPRISE_RECORDER_DETACH_H
#define REPRISE_RECORDER_DETACH_H

#include "recorder/record_state.h"

/* Lets a stopped task go that the recorder knows nothing of, and says so. */
void detach_stray(struct recorder *r, pid_t tid);
/* Lets all tasks go on untraced, with rdtsc and cpuid working again. */
void detach_all(struct recorder *r);

#endif

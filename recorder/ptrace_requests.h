/* ptrace() as a call of recorded tasks. */
#ifndef REPRISE_RECORDER_PTRACE_REQUESTS_H
#define REPRISE_RECORDER_PTRACE_REQUESTS_H

#include "recorder/record_state.h"

/* At the entry stop: carries the request out and answers, unless it is about a process that is not
 * recorded. */
void ptrace_answer(struct recorder *r, struct task *p);

#endif

/* Traced tasks go on. */
#ifndef REPRISE_RECORDER_PTRACE_GO_ON_H
#define REPRISE_RECORDER_PTRACE_GO_ON_H

#include "recorder/ptrace_state.h"

/* The task was let go, and has the token if it needs it: it goes on. */
void ptrace_take_due(struct recorder *r, struct task *t);

#endif

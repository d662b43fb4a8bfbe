/* Traced tasks are let go by their own tracers. */
#ifndef REPRISE_RECORDER_PTRACE_LET_GO_H
#define REPRISE_RECORDER_PTRACE_LET_GO_H

#include "recorder/ptrace_state.h"

/* Tells the kernel of those options that need it. */
void ptrace_apply_options(const struct task *t);
/* The tracer detaches from it. */
void ptrace_leave(struct recorder *r, struct task *t, int signo);
/* The tracer lets it go. */
void ptrace_go_on(struct recorder *r, struct task *t, enum ptrace_mode mode, int signo);
/* The task is gone, as far as its tracer and its own tracees care. */
void ptrace_task_gone(struct recorder *r, struct task *t, int status);

#endif

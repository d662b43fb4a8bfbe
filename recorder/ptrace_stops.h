/* Stops of traced tasks as their own tracers see them. */
#ifndef REPRISE_RECORDER_PTRACE_STOPS_H
#define REPRISE_RECORDER_PTRACE_STOPS_H

#include "recorder/ptrace_state.h"
#include "task/stop.h"

/* A traced task has stopped. True if it stays stopped for its tracer and nothing is left to do. */
bool ptrace_at_stop(struct recorder *r, struct task *t, const struct stop *stop);
/* A traced task is at a signal-delivery stop. True if its tracer decides. */
bool ptrace_at_signal(struct recorder *r, struct task *t, const siginfo_t *info, bool fault,
                      const struct user_regs_struct *regs);
/* A traced task is at its exit stop. True if it stays there for its tracer, which will end it. */
bool ptrace_at_exit(struct recorder *r, struct task *t, int status);
/* The recorder is done with a stop of a traced task: true if its tracer wants to see it first. */
bool ptrace_holds(struct recorder *r, struct task *t);
/* How a traced task is to be resumed. */
enum tracee_resume ptrace_resume_how(const struct task *t);

#endif

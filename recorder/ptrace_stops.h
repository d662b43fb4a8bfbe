/* Stops of traced tasks as their own tracers see them. */
#ifndef REPRISE_RECORDER_PTRACE_STOPS_H
#define REPRISE_RECORDER_PTRACE_STOPS_H

#include "recorder/ptrace_state.h"
#include "task/stop.h"

/* Makes `tracer` the tracer of a task that has none. */
void ptrace_attach(struct recorder *r, struct task *t, struct task *tracer, bool seized);
/* Undoes it; the task stays as it is. */
void ptrace_unlink(struct recorder *r, struct task *t);
/* The parent is at its fork event: the child may be traced from birth. */
void ptrace_child_born(struct recorder *r, struct task *parent, struct task *child);

/* A traced task has stopped. True if it stays stopped for its tracer and nothing is left to do. */
bool ptrace_at_stop(struct recorder *r, struct task *t, const struct stop *stop);
/* A traced task is at a signal-delivery stop. True if its tracer decides. */
bool ptrace_at_signal(struct recorder *r, struct task *t, const siginfo_t *info, bool fault,
                      const struct user_regs_struct *regs);
/* A thread that execs is about to get the tid of its process's leader, which vanishes. */
void ptrace_took_over(struct recorder *r, struct task *leader, struct task *t);
/* A traced task is at its exit stop. True if it stays there for its tracer, which will end it. */
bool ptrace_at_exit(struct recorder *r, struct task *t, int status);
/* The recorder is done with a stop of a traced task: true if its tracer wants to see it first. */
bool ptrace_holds(struct recorder *r, struct task *t);
/* How a traced task is to be resumed. */
enum tracee_resume ptrace_resume_how(const struct task *t);
/* Replay will find the traced task where it is: a signal handler was entered, or an instruction
 * was carried out by the recorder. Under PTRACE_SINGLESTEP that is the step. */
void ptrace_did_step(struct task *t);
/* The task is gone, as far as its tracer and its own tracees care. */
void ptrace_task_gone(struct recorder *r, struct task *t, int status);

/* Tells the kernel of those options that need it. */
void ptrace_apply_options(const struct task *t);
/* The tracer detaches from it. */
void ptrace_leave(struct recorder *r, struct task *t, int signo);
/* The tracer lets it go. */
void ptrace_go_on(struct recorder *r, struct task *t, enum ptrace_mode mode, int signo);
/* The task has the token again and goes on. */
void ptrace_take_due(struct recorder *r, struct task *t);

/* Puts the right siginfo at the delivery stop of a SIGCHLD that the recorder sent. */
void ptrace_fix_sigchld(struct recorder *r, struct task *t, siginfo_t *info);

void ptrace_world_free(struct recorder *r);

#endif

/* wait4 and waitid of tasks that trace others. */
#ifndef REPRISE_RECORDER_PTRACE_WAIT_H
#define REPRISE_RECORDER_PTRACE_WAIT_H

#include "recorder/ptrace_state.h"

/* At the entry stop, the first time or again: answers at once if there is something to tell. */
void ptrace_wait_at_entry(struct recorder *r, struct task *p);
/* At the exit stop: corrects what the kernel, which knows nothing of these tracees, said. False if
 * the task was sent back to wait on. */
bool ptrace_wait_at_exit(struct recorder *r, struct task *p, struct user_regs_struct *regs);
/* Something happened to a traced task: gets its tracer out of a wait for it. */
void ptrace_wait_wake(struct recorder *r, const struct task *t);
/* The same, for one that is gone and whose tracer is no parent. */
void ptrace_wait_wake_for_death(struct recorder *r, const struct ptrace_death *d);

#endif

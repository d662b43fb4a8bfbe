/* uretprobe and uprobe, the calls of the kernel's own trampolines. */
#ifndef REPRISE_RECORDER_PROBE_CALLS_H
#define REPRISE_RECORDER_PROBE_CALLS_H

#include "recorder/record_state.h"

/* The task is at the delivery stop of a SIGILL: true if it came of such a call outside of a probe,
 * which the kernel takes past any filter (kernel/seccomp.c, __secure_computing). It has become a
 * refused call then, and the task runs. */
bool probe_calls_take(struct recorder *r, struct task *t, const struct user_regs_struct *regs);

#endif

/* Calls into the vsyscall page. */
#ifndef REPRISE_RECORDER_VSYSCALLS_H
#define REPRISE_RECORDER_VSYSCALLS_H

#include "recorder/record_state.h"

/* The task is about to make the call by the vsyscall page that `entry` tells, at the stop that the
 * filter asked for: answers and logs it, and lets the task go on. */
void vsyscalls_take(struct recorder *r, struct task *t, const struct user_regs_struct *entry);

#endif

/* The image of a task after exec. */
#ifndef REPRISE_RECORDER_EXEC_IMAGE_H
#define REPRISE_RECORDER_EXEC_IMAGE_H

#include "recorder/record_state.h"

/* The task is at PTRACE_EVENT_EXEC: its old memory is gone. Logs the call's entry; a task that
 * shared memory goes into a group of its own. */
void exec_image_begin(struct recorder *r, struct task *t);
/* The task is at the exit stop of a successful execve: hides the vDSO, arms the traps, logs the
 * image and lets the task run. */
void exec_image_log(struct recorder *r, struct task *t, const struct user_regs_struct *regs);

#endif

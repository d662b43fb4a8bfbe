/* Requests for recorded tasks, which are stopped. False: the task is lost (task_lost), and there is
 * nothing to be done but to return. */
#ifndef REPRISE_RECORDER_TASK_CONTROL_H
#define REPRISE_RECORDER_TASK_CONTROL_H

#include "recorder/record_state.h"

bool task_get_regs(struct recorder *r, const struct task *t, struct user_regs_struct *ret);
bool task_set_regs(struct recorder *r, const struct task *t, const struct user_regs_struct *regs);
bool task_event_message(struct recorder *r, const struct task *t, unsigned long *ret);

#endif

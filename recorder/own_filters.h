/* Seccomp filters and no_new_privs of recorded programs' own, beside the filter by which their
 * calls stop and which they shall not see. */
#ifndef REPRISE_RECORDER_OWN_FILTERS_H
#define REPRISE_RECORDER_OWN_FILTERS_H

#include "recorder/record_state.h"

/* Whether it is prctl or seccomp. */
bool own_filters_are_asked(const struct syscall_call *c);

/* At the entry of such a call: answers what would show the recorder's filter, or fail because
 * of it. */
void own_filters_at_entry(struct recorder *r, struct task *t);
/* It has succeeded or failed. */
void own_filters_at_exit(struct recorder *r, struct task *t);

/* Whether strict mode forbids the call at whose entry the task is: the task is to be killed then
 * (seccomp(2), SECCOMP_SET_MODE_STRICT; the kernel refuses that mode beside a filter). */
bool own_filters_forbid(const struct task *t);

/* Whether the call about to be made, with these registers, is one after which the recorder may not
 * be able any more to make calls in the task, or to make its memory executable. */
bool own_filters_are_coming(const struct user_regs_struct *regs);

#endif

/* Calls that the recorder answers in the kernel's place, or alters. */
#ifndef REPRISE_RECORDER_ANSWERS_H
#define REPRISE_RECORDER_ANSWERS_H

#include "recorder/record_state.h"

/* At the entry stop, number and arguments known. False if the task cannot go on as usual (the
 * recording was given up). */
bool answers_at_entry(struct recorder *r, struct task *t);
/* At the exit stop: puts the answer into the task's memory and into *regs. False if the task is
 * gone. */
bool answers_at_exit(struct recorder *r, struct task *t, struct user_regs_struct *regs);

/* The kernel does nothing, the program gets this result. */
void answers_nullify(struct task *t, int64_t answer);

/* The CPUs that the task would run on without the recorder. */
const cpu_set_t *answers_affinity_of(const struct recorder *r, const struct task *t);

#endif

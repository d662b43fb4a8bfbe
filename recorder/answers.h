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

#endif

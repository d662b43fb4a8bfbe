/* What the program hands to the kernel with a call. */
#ifndef REPRISE_RECORDER_HANDED_H
#define REPRISE_RECORDER_HANDED_H

#include "recorder/emit.h"
#include "recorder/record_state.h"

/* At the entry stop, number and arguments known: keeps in the task's call what it hands over. What
 * was read into t->peek at this stop is not read again, and forgotten. */
void handed_take(struct recorder *r, struct task *t);
/* The address of the first string that the call hands over, as far as the table tells at a glance;
 * 0: none. */
uint64_t handed_likely_string(const struct call *c);

#endif

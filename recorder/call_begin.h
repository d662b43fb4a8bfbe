/* A call as it begins, and begins again. */
#ifndef REPRISE_RECORDER_CALL_BEGIN_H
#define REPRISE_RECORDER_CALL_BEGIN_H

#include "recorder/record_state.h"

/* Number and arguments, from the registers of the entry stop. */
void call_take_args(struct call *c);
/* The same where it was made by int 0x80. */
void call_take_int80_args(struct call *c);
/* The call was interrupted with this -ERESTART* result, and may go on. It may have written already
 * (nanosleep's remainder): remembers where. */
void call_note_interruption(struct task *t, int64_t result);
/* The same call as it would be after its exit stop, had it been interrupted there: `entry` has the
 * registers of its entry stop. Sets the task's. */
void call_interrupted_elsewhere(struct recorder *r, struct task *t,
                                const struct user_regs_struct *entry, int64_t result);

#endif

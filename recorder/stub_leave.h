/* Taking tasks out of the stub (call_stub.h), where they may be stopped anywhere. */
#ifndef REPRISE_RECORDER_STUB_LEAVE_H
#define REPRISE_RECORDER_STUB_LEAVE_H

#include "recorder/record_state.h"

enum stub_left {
    STUB_NOT_THERE, /* the task is in code of its own */
    STUB_BEFORE,    /* it is about to make the call, by an instruction that stops */
    STUB_AFTER,     /* it has made the call, which is logged: it is at a boundary */
    STUB_WAITS,     /* the call was interrupted, as if it had come to its exit stop */
};

/* Whatever stops a task in the stub, it is to look as if it never were there. With `by_signal`, at
 * a delivery stop, an interrupted call is so for the signal's handler; else it is not made yet.
 * Records that are whole must have been logged. */
enum stub_left stub_leave(struct recorder *r, struct task *t, bool by_signal);

/* At a seccomp stop with these registers: whether the stub made it because it could not note a call
 * by itself, which is done now. */
bool stub_leave_at_look(struct recorder *r, struct task *t, const struct user_regs_struct *regs);

/* For a task that goes on unrecorded: its calls are its own again. */
void stub_leave_for_good(struct recorder *r, struct task *t);

#endif

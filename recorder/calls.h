/* Syscalls of recorded tasks. */
#ifndef REPRISE_RECORDER_CALLS_H
#define REPRISE_RECORDER_CALLS_H

#include "recorder/record_state.h"

/* The task, which runs user code, is at a syscall-entry stop. */
void call_at_entry(struct recorder *r, struct task *t);
/* The task has the token for a call at whose entry stop it is: lets it in. */
void call_enter(struct recorder *r, struct task *t);
/* The task, which still holds the token, was let into a call that writes before it waits: logs what
 * it has written. */
void call_log_early_writes(struct recorder *r, struct task *t);
/* The task is at the syscall-exit stop; it may have to wait for the token. */
void call_at_exit(struct recorder *r, struct task *t);
/* The task has the token: logs the exit and lets it run. */
void call_log_exit(struct recorder *r, struct task *t);

#endif

/* The entry of a call, as events tell it. */
#ifndef REPRISE_RECORDER_CALL_ENTRY_H
#define REPRISE_RECORDER_CALL_ENTRY_H

#include "recorder/emit.h"
#include "recorder/record_state.h"

/* Logs the entry by itself, unless that was done. */
void call_log_entry(struct recorder *r, struct task *t);
/* A range that was handed over, as part of the event: its bytes must live until that is written. */
Reprise__Range *call_entry_range(struct recorder *r, const struct syscall_range *range,
                                 const uint8_t *bytes);
/* Adds arguments, place and what was handed over to the event of the call. */
void call_entry_fill(struct recorder *r, struct task *t, Reprise__Syscall *s);
/* Writes the event of the task's call. */
void call_entry_emit(struct recorder *r, struct task *t, Reprise__Syscall *s, uint64_t time);

#endif

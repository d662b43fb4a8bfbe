/* Clock reads that programs make through the vDSO of vdso/vdso.c, without a stop. */
#ifndef REPRISE_RECORDER_CLOCK_READS_H
#define REPRISE_RECORDER_CLOCK_READS_H

#include "recorder/emit.h"
#include "recorder/record_state.h"

/* Adds the two mappings of the vDSO to those of a fresh image. */
void clock_reads_add_mappings(struct recorder *r, struct emit_list *list);

/* A call was made from `ip`: if that is the vDSO, the program reads clocks by it from now on. The
 * first read stops, so that programs that read none pay for none. */
void clock_reads_note_caller(struct task *t, uint64_t ip);

/* The task has run user code up to where it is stopped: logs the clocks that it has read. Call it
 * before anything else of the task is logged. */
void clock_reads_log(struct recorder *r, struct task *t);
/* The same, and reads what lies at an address (0: nothing) into t->peek with the same request. */
void clock_reads_log_peeking(struct recorder *r, struct task *t, uint64_t peek_at);
/* The same for those among the first n, with a time that is about theirs. */
void clock_reads_log_before(struct recorder *r, struct task *t, uint64_t n, uint64_t time);

/* At a stop of PTRACE_SYSCALL: whether it is one of these reads, which stop where the task is not
 * resumed by PTRACE_CONT and which are nobody's business. */
bool clock_reads_is_silent_call(struct task *t);

/* Whether the address is in the code of the vDSO, where a task must not be preempted: its reads
 * are not whole there. */
bool clock_reads_has_code_at(uint64_t ip);

#endif

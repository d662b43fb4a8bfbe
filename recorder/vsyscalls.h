/* Calls into the vsyscall page. */
#ifndef REPRISE_RECORDER_VSYSCALLS_H
#define REPRISE_RECORDER_VSYSCALLS_H

#include "recorder/record_state.h"

/* The fresh program may make such calls: makes them stop. `ip` is that of a syscall instruction.
 * False if it cannot be done; the user is told. */
bool vsyscalls_watch(struct recorder *r, struct task *t, uint64_t ip, uint64_t rsp);
/* The task is at a PTRACE_EVENT_SECCOMP stop. True: it was such a call, which is answered, logged
 * and over; the task runs. */
bool vsyscalls_take(struct recorder *r, struct task *t);

#endif

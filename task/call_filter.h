/* The seccomp filter of recorded tasks: each call stops by PTRACE_EVENT_SECCOMP before it runs, but
 * the clock reads of the vDSO (vdso/vdso.c) do not. Such a stop comes only where the kernel is at
 * it anyway: a task that is resumed by PTRACE_CONT runs through all that does not stop. */
#ifndef REPRISE_TASK_CALL_FILTER_H
#define REPRISE_TASK_CALL_FILTER_H

#include <stdint.h>

/* What PTRACE_GETEVENTMSG tells at a stop that this filter asked for. A program's own filter is
 * newer, so its data is told where both want a stop (kernel/seccomp.c, seccomp_run_filters). */
#define CALL_FILTER_DATA 0x7270

/* Puts the filter on the calling thread. Calls of any number that are made by the two instructions
 * that end at `silent` do not stop either: both in the same 4 GiB as the vDSO's. The thread sets
 * no_new_privs where it lacks CAP_SYS_ADMIN. Async-signal-safe. 0 or -errno. */
int call_filter_install(const uint64_t silent[2]);

#endif

/* The seccomp filter of recorded tasks: each call stops by PTRACE_EVENT_SECCOMP before it runs, but
 * the clock reads of the vDSO (vdso/vdso.c) do not. Such a stop comes only where the kernel is at
 * it anyway: a task that is resumed by PTRACE_CONT runs through all that does not stop. */
#ifndef REPRISE_TASK_CALL_FILTER_H
#define REPRISE_TASK_CALL_FILTER_H

/* What PTRACE_GETEVENTMSG tells at a stop that this filter asked for. A program's own filter is
 * newer, so its data is told where both want a stop (kernel/seccomp.c, seccomp_run_filters). */
#define CALL_FILTER_DATA 0x7270

/* Puts the filter on the calling thread, which sets no_new_privs where it lacks CAP_SYS_ADMIN.
 * Async-signal-safe. 0 or -errno. */
int call_filter_install(void);

#endif

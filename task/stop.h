/* What a wait status of a seized tracee means (ptrace(2), "Stopped states"). */
#ifndef REPRISE_TASK_STOP_H
#define REPRISE_TASK_STOP_H

#include <stdbool.h>
#include <stdint.h>

enum stop_kind {
    STOP_SYSCALL, /* syscall-entry or syscall-exit stop; the tracer knows which is due */
    STOP_SIGNAL,  /* signal-delivery stop */
    STOP_GROUP,   /* group stop; signo is the stopping signal */
    STOP_TRAP,    /* PTRACE_EVENT_STOP otherwise: new child, PTRACE_INTERRUPT, SIGCONT */
    STOP_FORK,    /* PTRACE_EVENT_FORK, _VFORK or _CLONE in the parent */
    STOP_VFORK_DONE,
    STOP_EXEC,
    STOP_EXIT, /* PTRACE_EVENT_EXIT: the task is dying, its memory is still there */
    STOP_SECCOMP,
    STOP_EXITED, /* no stop: the task is gone with an exit status */
    STOP_KILLED, /* no stop: the task is gone with a signal */
};

struct stop {
    enum stop_kind kind;
    int signo; /* SIGNAL, GROUP, KILLED */
    int event; /* PTRACE_EVENT_*, or 0 */
};

struct stop stop_decode(int status);

/* Whether the SIGTRAP with this si_code, at which the instruction pointer is `ip`, ends a single
 * step from the instruction at `from`. Besides TRAP_TRACE that is TRAP_BRKPT at another place: a
 * hypervisor is known under which DR6 does not always tell that a trap ends a step. At the same
 * place the step is still to come: stepping out of a syscall stop traps once before the first
 * instruction (arch/x86/include/asm/ptrace.h, user_single_step_report). */
bool stop_ends_step(int si_code, uint64_t from, uint64_t ip);

#endif

/* What a wait status of a seized tracee means (ptrace(2), "Stopped states"). */
#ifndef REPRISE_TASK_STOP_H
#define REPRISE_TASK_STOP_H

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

#endif

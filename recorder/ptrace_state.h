/* What the recorder keeps about tasks that another recorded task traces. The recorder is the only
 * tracer that the kernel knows of; it plays the part of the program's own tracers. */
#ifndef REPRISE_RECORDER_PTRACE_STATE_H
#define REPRISE_RECORDER_PTRACE_STATE_H

#include "recorder/record_state.h"

enum ptrace_stop_kind {
    PTRACE_STOP_NONE, /* not stopped for its tracer */
    PTRACE_STOP_ENTRY,
    PTRACE_STOP_EXIT,
    PTRACE_STOP_SIGNAL,  /* at a signal-delivery stop of the kernel */
    PTRACE_STOP_MADE_UP, /* looks like a signal-delivery stop, but no signal waits there */
    PTRACE_STOP_EVENT,
    PTRACE_STOP_GROUP,
    PTRACE_STOP_DYING, /* PTRACE_EVENT_EXIT */
};

struct ptrace_stop {
    enum ptrace_stop_kind kind;
    int status; /* as waitpid tells */
    bool has_info;
    siginfo_t info;        /* as PTRACE_GETSIGINFO tells, if has_info */
    unsigned long message; /* as PTRACE_GETEVENTMSG tells */
};

/* How the tracer let it go last. */
enum ptrace_mode {
    PTRACE_MODE_CONT,
    PTRACE_MODE_SYSCALL,
    PTRACE_MODE_STEP,
};

/* A task that is traced by another one. */
struct traced {
    struct task *tracer;
    bool seized;
    bool child_of_tracer; /* then the kernel tells the tracer of its end */
    bool attach_pending;  /* the SIGSTOP of PTRACE_ATTACH is on its way */
    bool leaving;         /* detached, but waits for the token */
    bool interrupted;     /* PTRACE_INTERRUPT has not shown yet */
    bool call_was_cut;    /* the interrupted call was logged: the kernel must not restart it */
    bool at_boundary;     /* where it is stopped, replay finds */
    bool options_new;     /* the kernel is to be told of them at the next stop */
    uint32_t options;     /* PTRACE_O_* */
    enum ptrace_mode mode;
    struct ptrace_stop stop;     /* the tracer sees it in this one */
    bool reported;               /* by a wait of the tracer */
    uint64_t stop_number;        /* first come first reported */
    struct ptrace_stop queue[3]; /* to be shown before the task runs on */
    unsigned n_queue;
    unsigned long message;
    enum ptrace_stop_kind left; /* DUE_TRACED: the stop that it goes on from ... */
    int left_with;              /* ... with this signal, or 0 */
    int let_pass;               /* a signal that its tracer has decided to deliver */
};

/* The end of a task that its tracer is not the parent of. */
struct ptrace_death {
    struct ptrace_death *next;
    pid_t tracer_pid, tid;
    int status;
};

/* Exists from the first use of ptrace on. */
struct ptrace_world {
    unsigned n_traced;
    uint64_t n_stops;
    struct ptrace_death *deaths;
    struct map64 notices; /* siginfo_t of the last SIGCHLD sent, by process */
};

#endif

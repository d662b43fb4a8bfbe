/* The start of the program. */
#ifndef REPRISE_RECORDER_SPAWN_H
#define REPRISE_RECORDER_SPAWN_H

#include "recorder/record_state.h"

/* PTRACE_O_* of recorded tasks. */
#define SPAWN_OPTIONS                                                                              \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK |        \
     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP |                           \
     (1 << 20) /* PTRACE_O_EXITKILL */)

/* Finds the program and checks that it can be executed and recorded. The path is malloc'd. */
int spawn_find(const char *name, char **ret_path, struct err *err);
/* Starts it traced; it stops at PTRACE_EVENT_EXEC. 0 or -errno with the remedy in err. */
int spawn_program(struct recorder *r, const char *path, pid_t *ret_tid, struct err *err);

#endif

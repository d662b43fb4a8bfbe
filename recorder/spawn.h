/* The start of the program. */
#ifndef REPRISE_RECORDER_SPAWN_H
#define REPRISE_RECORDER_SPAWN_H

#include "recorder/record_state.h"

/* Finds the program and checks that it can be executed and recorded. The path is malloc'd. */
int spawn_find(const char *name, char **ret_path, struct err *err);
/* Starts it traced; it stops at PTRACE_EVENT_EXEC. 0 or -errno with the remedy in err. */
int spawn_program(struct recorder *r, const char *path, pid_t *ret_tid, struct err *err);

#endif

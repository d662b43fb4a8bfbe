/* What becomes of a program's rights when it is executed under a tracer (ptrace(2), execve(2)). */
#ifndef REPRISE_RECORDER_EXEC_RIGHTS_H
#define REPRISE_RECORDER_EXEC_RIGHTS_H

#include "recorder/record_state.h"

#include <stdbool.h>

/* Whether the program at `path`, or the interpreter of a script, may be executed but not read: the
 * kernel hides the memory of such a process from its tracer, so that it cannot be recorded. Not
 * from one that may trace all. Interpreters are looked for below `root`: "" or "/proc/PID/root". */
bool exec_rights_hide_memory(const char *root, const char *path);

/* Tells the user if the program at `path`, which is called `name`, would have got rights by being
 * executed: under a tracer that may not trace all it gets none. Once for each program. */
void exec_rights_warn(struct recorder *r, pid_t pid, const char *path, const char *name);

#endif

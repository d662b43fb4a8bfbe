/* Sees which system calls are carried out while a trace is replayed, by a seccomp filter of its own
 * around replayer and replayed tasks, and refuses those that a replay has no need of. It does not
 * believe the replay's own filter, and where both see a call, the stricter one has its way.
 *
 * A filter cannot tell who makes a call, but from where. What comes from the code of the program
 * under test is the replayer's; what comes from the one instruction by which replayed tasks are
 * made to run calls is the replay's if it is one of a short list; all else is the trace's.
 * (Somebody who knew where the program under test lies could hide behind its addresses. They are
 * random.) */
#ifndef REPRISE_TESTS_ADVERSARY_WATCH_CALLS_H
#define REPRISE_TESTS_ADVERSARY_WATCH_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Puts the filter on this process and all its children. The descriptor by which another process
 * is told of calls that are none of a replay's, or -1 with why there is none. */
int watch_calls_begin(const char **ret_why);

/* Waits for up to timeout_ms for such a call, refuses it and tells of it. True: there was one. */
bool watch_calls_next(int listener, int timeout_ms, char *what, size_t size);

/* For the process that replays: of calls from the code of the program under test, too, only those
 * remain that a replayer makes. Whoever makes another is killed by SIGSYS. */
bool watch_calls_of_replayer(void);

#endif

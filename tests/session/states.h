/* What the tests of sessions share: a trace, replays of it, and the states of all tasks. */
#ifndef REPRISE_TESTS_SESSION_STATES_H
#define REPRISE_TESTS_SESSION_STATES_H

#include "replayer/inspect.h"

#include <stdint.h>

#define TASKS_MAX 64

struct digest {
    uint32_t serial;
    bool has_process, in_call;
    uint64_t memory;
    struct user_regs_struct regs;
};

struct place {
    uint64_t events;
    size_t n;
    struct digest v[TASKS_MAX];
};

/* Ends the program if something is not as it must be. */
void need(bool good, const struct err *err, const char *what);

/* The trace that open_session() replays. */
void open_trace(const char *path);
void close_trace(void);
struct replayer *open_session(void);
/* One step. */
struct replay_halt go(struct replayer *r, struct replay_until until);

/* The states of all tasks. */
void look(struct replayer *r, struct place *p);
/* Prints what differs, and counts. */
void compare(const struct place *wanted, const struct place *is, const char *how);
extern unsigned differences, compared;

#endif

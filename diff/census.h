/* The tasks of a trace and what they execute, gathered before runs are compared: a child is known
 * by what it will become. */
#ifndef REPRISE_DIFF_CENSUS_H
#define REPRISE_DIFF_CENSUS_H

#include "base/err.h"
#include "base/map64.h"
#include "decode/trace_walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CENSUS_NONE SIZE_MAX

struct census_task {
    uint32_t serial;
    int32_t tid, pid;
    size_t parent;        /* place in tasks of who made it, or CENSUS_NONE */
    size_t leader;        /* place of its process's first task; its own: it is one */
    uint32_t rank;        /* in its process by birth, from 0 */
    uint64_t program;     /* hash of the path it executes first; 0: none */
    uint64_t command;     /* hash of path and arguments, names of temporary files aside; 0: none */
    char *label;          /* program and arguments, cut: valid UTF-8 without control characters */
    uint64_t token;       /* the same for the same task in all traces; set by census_match() */
    uint32_t items;       /* its events that are compared */
    bool matched;         /* a task of the reference has the same token */
    bool ended, detached; /* `status` is set; the recording ended before the task did */
    int status;           /* as waitpid(2) tells */
};

struct census {
    struct census_task *tasks; /* in the order of birth */
    size_t n;
    struct map64 by_serial; /* place plus 1 */
    uint64_t events;        /* in the trace */
    uint64_t end_time;      /* of the last event, ns since the recording began */
};

/* Reads the whole trace. A damaged one is refused. */
int census_read(struct trace_reader *trace, struct census *ret, struct err *err);
void census_done(struct census *census);

/* Whether an event is compared. The call in which a task ends is so besides. */
bool census_counts(const struct walk_event *ev);

/* Gives the tasks of the reference their tokens, or with a reference those of another run: equal
 * ones for processes at the same place of the tree that execute the same, and for threads by the
 * order of birth. What is left is matched by the program alone, then by birth. -ENOMEM. */
int census_match(struct census *census, const struct census *reference);

/* The task of a serial number, or NULL. */
struct census_task *census_find(const struct census *census, uint32_t serial);

#endif

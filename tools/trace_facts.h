/* What `reprise info` tells of a trace, gathered in one walk over its events. */
#ifndef REPRISE_TOOLS_TRACE_FACTS_H
#define REPRISE_TOOLS_TRACE_FACTS_H

#include "base/err.h"
#include "base/map64.h"
#include "format/event_kinds.h"
#include "format/trace_reader.h"
#include "replayer/code_spans.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fact_count {
    const char *name;
    uint64_t n;
};

/* A task, in the order of birth. Links are places in facts.tasks. */
#define FACT_TASK_NONE SIZE_MAX
struct fact_task {
    uint32_t serial;
    uint32_t parent; /* serial, 0: none */
    int32_t pid, tid;
    uint32_t execs;
    bool ended;    /* `status` is set */
    bool detached; /* the recording ended before the task did */
    int status;
    size_t argc;
    char
        *argv; /* of the last exec, or the parent's: argc runs of bytes, their lengths in arg_len */
    size_t *arg_len;
    size_t up, first_child, last_child, next_sibling;
};

struct fact_chunks {
    uint32_t kind; /* enum chunk_kind */
    uint64_t n, stored, raw;
};

enum fact_state {
    FACT_COMPLETE = 0,
    FACT_INCOMPLETE, /* ended in good order before the program did */
    FACT_TORN,       /* the end of the file is missing */
    FACT_DAMAGED,    /* unreadable from some event on */
};

#define FACT_CHUNK_KINDS 16
struct trace_facts {
    enum fact_state state;
    struct err damage;                     /* with FACT_DAMAGED */
    struct fact_count events[EVENT_KINDS]; /* by kind, those that occur; n_events of them */
    size_t n_events;
    uint64_t events_total;
    struct fact_count *syscalls; /* most frequent first */
    size_t n_syscalls;
    uint64_t syscalls_total;
    struct fact_chunks chunks[FACT_CHUNK_KINDS]; /* by kind, those that occur */
    size_t n_chunks;
    struct fact_task *tasks;
    size_t n_tasks, cap_tasks;
    struct map64 by_serial;       /* place in tasks, plus 1 */
    size_t first_root, last_root; /* tasks without a parent in the trace */
    size_t argv_bytes;            /* kept so far */
    bool argv_cut;                /* too many: those of some tasks are left out */
    struct code_spans code;       /* what was mapped to be executed */
};

/* Reads the whole trace. A damaged one gives what can be read before the damage. 0 or -ENOMEM. */
int trace_facts_read(struct trace_reader *trace, struct trace_facts *ret, struct err *err);
void trace_facts_done(struct trace_facts *facts);

/* "complete", "incomplete", "torn", "damaged" */
const char *trace_facts_state_name(enum fact_state state);

/* The task after tasks[i] in a walk down the tree, parents first, and its depth; *depth is that of
 * tasks[i]. FACT_TASK_NONE: the end. Starts with facts->first_root at depth 0. */
size_t trace_facts_next_task(const struct trace_facts *facts, size_t i, unsigned *depth);

#endif

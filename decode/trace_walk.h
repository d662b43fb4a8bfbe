/* A walk over the events of a trace in the order of time, with a model of its tasks and processes
 * as it goes. What all commands that read traces stand on. Memory is bounded by the number of
 * tasks and by the chunks that overlap; a torn trace ends where it is torn. */
#ifndef REPRISE_DECODE_TRACE_WALK_H
#define REPRISE_DECODE_TRACE_WALK_H

#include "base/err.h"
#include "format/event_kinds.h"
#include "format/trace_reader.h"
#include "syscalls/syscalls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WALK_NAME_MAX 16 /* with the NUL, as the kernel keeps names of tasks */

/* What a process executes. Shared between a process and its forks until one of them execs. */
struct walk_program {
    size_t refs;
    char *path; /* NUL-terminated; may hold anything else */
    size_t path_len;
    size_t argc;   /* 0 also when the arguments of all programs together took too much memory */
    char **argv;   /* NUL-terminated each */
    size_t *lens;  /* of argv */
    uint64_t time; /* of the exec, ns since the recording began */
};

/* A process: a thread group. Lives as long as the walk. */
struct walk_process {
    uint32_t number; /* from 1, in the order of birth */
    int32_t pid;
    struct walk_process *parent;  /* NULL: the first, or unknown */
    struct walk_program *program; /* NULL before the first exec */
    uint32_t n_execs;
    uint32_t n_tasks; /* born so far */
    uint32_t n_alive; /* of them */
    uint64_t born, ended_at;
    bool ended;    /* its last task is gone: `status` and `ended_at` are set */
    bool detached; /* the recording ended before the process did */
    int status;    /* of the leader, as waitpid(2) tells */
    void *user;    /* the caller's own */
};

/* A call as far as it has come. */
struct walk_call {
    int64_t nr;
    const struct syscall_row *row; /* NULL: the table lacks it */
    size_t n_args;
    uint64_t args[SYSCALL_MAX_ARGS];
    uint64_t ip;
    uint64_t start;        /* ns since the recording began */
    uint64_t entry_number; /* of the event that tells the entry, see walk_event.number */
    bool entered;          /* its entry is in the trace: args and ip are set */
    bool done;             /* result and duration are set */
    int64_t result;
    uint64_t duration; /* ns */
    size_t n_in, n_out;
    Reprise__Range *const *in;  /* what the program handed over */
    Reprise__Range *const *out; /* what the kernel wrote */
    /* The messages; one and the same for a call told in one event. NULL: not there (yet). */
    const Reprise__Syscall *entry, *exit;
};

/* A thread. Lives as long as the walk. */
struct walk_task {
    uint32_t serial; /* as in the trace */
    uint32_t stream; /* of its last event */
    uint32_t rank;   /* in its process by birth, from 0: the leader */
    int32_t tid;
    struct walk_process *process;
    struct walk_task *parent; /* NULL: the first, or unknown */
    char name[WALK_NAME_MAX];
    uint64_t born, ended_at;
    uint64_t clone_flags; /* it was born with */
    bool ended;           /* `status` and `ended_at` are set */
    bool detached;        /* the recording ended before the task did */
    bool killed;          /* died at no boundary */
    int status;           /* as waitpid(2) tells */
    bool in_call;         /* `call` has begun and not ended */
    struct walk_call call;
    void *user; /* the caller's own */
    /* the walk's own */
    Reprise__Syscall *kept; /* the ENTRY, while its EXIT is awaited */
    size_t kept_bytes;
};

/* An event. Valid until the next one is asked for. */
struct walk_event {
    uint64_t number; /* in the trace, from 1, in the order of time */
    uint64_t time;   /* ns since the recording began; of a call told in one event: of its end */
    uint32_t stream;
    uint64_t stream_number; /* in the stream, from 0: as replay counts */
    Reprise__Event__BodyCase kind;
    const Reprise__Event *event;
    struct walk_task *task; /* never NULL; the model has taken the event in */
    /* Of syscall events and of an exec that ends a call; else NULL. */
    const struct walk_call *call;
    /* The call begins here and its event is still to come: number is 0, time is that of the start,
     * `call` lacks result and effects. Only in a walk by start. */
    bool begins;
};

struct trace_walk;

/* The reader stays the caller's and must outlive the walk. */
int trace_walk_open(struct trace_reader *reader, struct trace_walk **ret, struct err *err);
/* The same, but a call that is told in one event is given at its start as well, see
 * walk_event.begins: so calls of different processes interleave as they did. */
int trace_walk_open_by_start(struct trace_reader *reader, struct trace_walk **ret, struct err *err);
void trace_walk_free(struct trace_walk *w);

/* 1: *ret is set; 0: the end, which of a torn trace is where it is torn (trace_reader_is_torn);
 * -errno: damaged from here on, or out of memory, as err tells. */
int trace_walk_next(struct trace_walk *w, struct walk_event *ret, struct err *err);

/* The model so far: tasks and processes in the order of birth. */
size_t trace_walk_task_count(const struct trace_walk *w);
struct walk_task *trace_walk_task(const struct trace_walk *w, size_t i);
size_t trace_walk_process_count(const struct trace_walk *w);
struct walk_process *trace_walk_process(const struct trace_walk *w, size_t i);
/* By serial number; NULL: none. */
struct walk_task *trace_walk_find(const struct trace_walk *w, uint32_t serial);

/* The number of the event given last. */
uint64_t trace_walk_number(const struct trace_walk *w);

struct trace_reader *trace_walk_reader(const struct trace_walk *w);

#endif

/* Replays a trace: runs the program again, injects what was recorded, checks every event. */
#ifndef REPRISE_REPLAYER_REPLAYER_H
#define REPRISE_REPLAYER_REPLAYER_H

#include "base/err.h"
#include "format/trace_reader.h"
#include "task/machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct replayer_options {
    struct trace_reader *trace;
    const struct machine *machine; /* what it can do */
    int stdout_fd, stderr_fd;      /* where the program's output goes; -1: nowhere */
    bool no_patch;                 /* leave the code of the program alone: each call stops */
    unsigned patience_s;           /* of processor time, until a task that comes to no event and no
                                      preemption point is given up; 0: as is usual */
    /* Budgets; 0: what is sensible here. */
    uint64_t memory; /* bytes, of all replayed tasks and the replayer */
    uint64_t output; /* bytes of the program that are shown */
    uint64_t tasks;  /* at the same time */
    /* Called before bytes of the program are shown, so that a progress line can give way; may be
     * NULL. */
    void (*before_output)(void *ctx, const void *data, size_t len);
    void *before_output_ctx;
};

struct replayer_result {
    int status; /* recorded wait status of the first task; meaningless if torn */
    bool torn;  /* the trace ended before the program did */
    uint64_t events;
    uint64_t time_ns;   /* recorded time of the last event that was replayed */
    uint64_t syscalls;  /* injected */
    uint64_t unstopped; /* of these, answered within the task without a stop */
    uint64_t executed;  /* calls really executed in a task, to shape memory */
    uint32_t tasks;
};

/* Whether this machine can replay the trace. 0, or -ENOTSUP with the missing CPU feature named in
 * err, and what can be done. */
int replayer_can_replay(struct trace_reader *trace, struct err *err);

/* A replay that is under way: the processes that run the program again, and how far they are. Of
 * one event after the other, in the order of the trace, it is true that what led to it has been
 * executed; between two steps all tasks stand still. */
struct replayer;

/* A place in the code of a task, before the instruction there is executed. Between two events of a
 * task, arriving there for the n-th time is the same state in each replay. */
struct replay_stop {
    uint32_t task; /* its serial number in the trace; 0: any task */
    uint64_t addr;
};

/* Where a step ends at the latest. */
struct replay_until {
    uint64_t events;  /* when so many events of the trace have been replayed, from its beginning */
    uint64_t time_ns; /* before the first event that is later: time of the recording */
    const struct replay_stop *stops; /* when a task comes to one of them; where it stands at one of
                                        which the last step told, it has to come there again */
    size_t n_stops;
    uint32_t step; /* when this task has executed one instruction, with the events that come to it
                      there; 0: no task is stepped */
};
#define REPLAY_TO_THE_END ((struct replay_until){.events = UINT64_MAX, .time_ns = UINT64_MAX})

/* What came first. */
struct replay_halt {
    enum {
        REPLAY_AT_EVENTS,
        REPLAY_AT_TIME,
        REPLAY_AT_STOP,
        REPLAY_AT_STEP,
        REPLAY_AT_END, /* of the trace: see replay_result() */
    } why;
    uint32_t task; /* at a stop or a step: which task ... */
    size_t stop;   /* ... and which of the stops */
};

/* Makes ready to replay, up to where nothing of the trace has been replayed. The options have to
 * stay; the calling thread stays on one core until replay_close(), and only it can trace the tasks.
 * 0 with *ret, which is the caller's to close; -ENOTSUP as replayer_can_replay(); or -errno. */
int replay_open(const struct replayer_options *options, struct replayer **ret, struct err *err);

/* Goes on, at most to `until`. 0 with *ret; -EILSEQ: the replay diverged, and err tells which
 * event of which task, what was expected, what came and where (module+offset); -EBADMSG: the trace
 * is damaged, what was good in front of that was replayed, and err tells how much; -EDQUOT: a
 * budget is used up, and err tells which; other -errno: reprise failed. After an error, and after
 * the end, there is nothing to do but to close it. */
int replay_step(struct replayer *r, const struct replay_until *until, struct replay_halt *ret,
                struct err *err);

/* What has been replayed so far; status and torn once the end was reached. */
const struct replayer_result *replay_result(const struct replayer *r);

/* Ends all tasks. Takes NULL. */
void replay_close(struct replayer *r);

#endif

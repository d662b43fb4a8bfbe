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
    /* Called now and then with the recorded time reached, in ns; may be NULL. */
    void (*progress)(void *ctx, uint64_t time_ns, uint64_t events);
    void *progress_ctx;
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

/* Replays to the end of the trace. 0 with *ret_result, when all that was recorded was replayed or
 * the trace is torn; -EILSEQ: the replay diverged, and err tells which event of which task, what
 * was expected, what came and where (module+offset); -EBADMSG: the trace is damaged, what was good
 * in front of that was replayed, and err tells how much; -EDQUOT: a budget is used up, and err
 * tells which; other -errno: reprise failed. */
int replayer_run(const struct replayer_options *options, struct replayer_result *ret_result,
                 struct err *err);

/* Whether this machine can replay the trace. 0, or -ENOTSUP with the missing CPU feature named in
 * err, and what can be done. */
int replayer_can_replay(struct trace_reader *trace, struct err *err);

#endif

/* Records the run of a program and of everything it starts into a trace. */
#ifndef REPRISE_RECORDER_RECORDER_H
#define REPRISE_RECORDER_RECORDER_H

#include "base/err.h"
#include "format/trace_writer.h"
#include "task/cpu_level.h"
#include "task/machine.h"

#include <stdbool.h>
#include <stdint.h>

struct recorder_options {
    char *const *argv;   /* of the program, NULL-terminated; argv[0] is looked up in PATH */
    int trace_fd;        /* open for writing, empty; stays the caller's */
    const char *version; /* of reprise, for the header */
    const struct machine *machine; /* what it can do */
    bool paranoid;       /* prove for every call that the table described all that was written */
    bool no_patch;       /* leave the program's code as it is: then all calls stop */
    uint64_t data_limit; /* bytes kept of each buffer handed to the kernel; UINT64_MAX: all */
    enum cpu_level cpu;  /* what the program is told of */
    bool cpu_asked;      /* the user named it: refuse, or say so, if it is not to be had */
    unsigned slice_ms; /* how long a task computes before it is preempted for others; 0: default */
    /* Takes one line without newline, for the user; may be NULL. */
    void (*warn)(void *ctx, const char *line);
    void *warn_ctx;
    /* Called once, when the program has been executed and before its first instruction runs; never
     * if recorder_run fails. May be NULL. */
    void (*started)(void *ctx);
    void *started_ctx;
};

struct recorder_result {
    int status;      /* wait status of the program */
    bool incomplete; /* the trace ends before the program did (disk full ...) */
    struct trace_writer_stats stats;
};

/* Runs the program to its end and that of all it started. 0 with *ret_result set whatever the
 * program did; -errno when nothing could be recorded: -ENOENT program not found, -EACCES or
 * -ENOEXEC it cannot be executed, -EPERM ptrace is forbidden, -ENOTSUP the CPU lacks
 * what options->cpu has; err says what to do. */
int recorder_run(const struct recorder_options *options, struct recorder_result *ret_result,
                 struct err *err);

#endif

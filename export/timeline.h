/* A trace as rows: calls with a beginning and an end, and moments between them, such that those of
 * a task follow each other or lie within one another and never overlap by halves. What pictures
 * and tables of a run are made from. */
#ifndef REPRISE_EXPORT_TIMELINE_H
#define REPRISE_EXPORT_TIMELINE_H

#include "export/call_class.h"
#include "export/export.h"
#include "export/links.h"

struct timeline_row {
    uint64_t number; /* of the event in the trace; of a call that never ends, or ends
                        with an exec: of its entry */
    const struct walk_task *task;
    const char *name; /* "read"; of a moment "SIGCHLD", "exited", "cpuid" ... */
    enum syscall_about class;
    uint64_t start, end;            /* ns since the recording began */
    bool is_moment;                 /* it happened at `end` and took no time */
    bool unfinished;                /* a call that the task or the trace ends in */
    bool error;                     /* the call failed */
    const struct walk_call *call;   /* NULL: a moment */
    const struct walk_event *event; /* NULL: an unfinished call */
};

/* Whatever is NULL is not called; a negative return ends the run and is passed on. */
struct timeline_sink {
    void *ctx;
    int (*row)(void *ctx, const struct trace_view *view, const struct timeline_row *row);
    int (*link)(void *ctx, const struct link *link);
    /* A task begins to execute a program: it was born, or did an exec. Comes before the task's
     * first row in it, and after the last one in the program before. */
    int (*program)(void *ctx, const struct walk_task *task, uint64_t time);
    /* The task is gone; its last row has come. */
    int (*gone)(void *ctx, const struct walk_task *task, uint64_t time);
};

struct timeline_end {
    uint64_t time;   /* of the last event */
    uint64_t events; /* in the trace, as far as it was read */
    bool cut;        /* the range ended before the trace */
};

/* Runs through the events that the job asks for. `view` is open, at the beginning; afterwards it
 * stands at the end. Damage is no error: it is noted in result->damage. */
int timeline_run(const struct export_job *job, struct trace_view *view,
                 const struct timeline_sink *sink, struct export_result *result,
                 struct timeline_end *ret, struct err *err);

/* What a moment is about: "{si_signo=SIGCHLD, ...}", "status 1", "leaf 0x7". 0 or -ENOMEM. */
int timeline_moment_text(const struct trace_view *view, const struct timeline_row *row,
                         struct buf *out);

/* What a process was started as, without the directory; a thread's own name. */
const char *timeline_task_name(const struct walk_task *task);

#endif

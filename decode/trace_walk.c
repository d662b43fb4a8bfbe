/* Owns the walk: events of all streams in the order of time, numbered, each taken in by the model
 * before it is handed out. */
#include "decode/trace_walk.h"

#include "decode/walk_model.h"

#include <errno.h>
#include <stdlib.h>

struct trace_walk {
    struct trace_reader *reader;
    struct trace_cursor *cursor;
    struct walk_model model;
    uint64_t number;
    struct walk_task *leaving; /* its call ended with the event given last */
};

static int open_walk(struct trace_reader *reader, bool by_start, struct trace_walk **ret,
                     struct err *err)
{
    struct trace_walk *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_sys(err, ENOMEM, "cannot read the trace");
    w->reader = reader;
    int r = by_start ? trace_cursor_open_by_start(reader, &w->cursor, err)
                     : trace_cursor_open(reader, TRACE_ALL_STREAMS, &w->cursor, err);
    if (r < 0) {
        trace_walk_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

int trace_walk_open(struct trace_reader *reader, struct trace_walk **ret, struct err *err)
{
    return open_walk(reader, false, ret, err);
}

int trace_walk_open_by_start(struct trace_reader *reader, struct trace_walk **ret, struct err *err)
{
    return open_walk(reader, true, ret, err);
}

void trace_walk_free(struct trace_walk *w)
{
    if (w == NULL)
        return;
    trace_cursor_free(w->cursor);
    walk_model_done(&w->model);
    free(w);
}

/* What an ENTRY told is needed until the caller has seen the end of the call. */
static void leave_call(struct trace_walk *w)
{
    if (w->leaving != NULL)
        walk_call_forget(&w->model, w->leaving);
    w->leaving = NULL;
}

int trace_walk_next(struct trace_walk *w, struct walk_event *ret, struct err *err)
{
    struct trace_event at;
    leave_call(w);
    int r = trace_cursor_next(w->cursor, &at, err);
    if (r <= 0)
        return r;
    struct walk_event ev = {
        .number = at.begins ? 0 : ++w->number,
        .time = at.begins ? at.start : at.event->time,
        .begins = at.begins,
        .stream = at.stream,
        .stream_number = at.number,
        .kind = at.event->body_case,
        .event = at.event,
    };
    bool exec = ev.kind == REPRISE__EVENT__BODY_EXEC;
    struct walk_task *before = trace_walk_find(w, at.event->task);
    bool ends_call = exec && before != NULL && before->in_call;
    r = walk_model_event(&w->model, &ev, &ev.task);
    if (r < 0)
        return err_sys(err, -r, "cannot read the trace");
    if (ev.kind == REPRISE__EVENT__BODY_SYSCALL || ends_call)
        ev.call = &ev.task->call;
    if (ev.call != NULL && ev.call->done)
        w->leaving = ev.task;
    *ret = ev;
    return 1;
}

size_t trace_walk_task_count(const struct trace_walk *w)
{
    return w->model.n_tasks;
}

struct walk_task *trace_walk_task(const struct trace_walk *w, size_t i)
{
    return w->model.tasks[i];
}

size_t trace_walk_process_count(const struct trace_walk *w)
{
    return w->model.n_processes;
}

struct walk_process *trace_walk_process(const struct trace_walk *w, size_t i)
{
    return w->model.processes[i];
}

struct walk_task *trace_walk_find(const struct trace_walk *w, uint32_t serial)
{
    return map64_get(&w->model.by_serial, serial);
}

uint64_t trace_walk_number(const struct trace_walk *w)
{
    return w->number;
}

struct trace_reader *trace_walk_reader(const struct trace_walk *w)
{
    return w->reader;
}

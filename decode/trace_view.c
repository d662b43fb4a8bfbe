/* Owns the joint life of the walk and of what follows it. */
#include "decode/trace_view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

int trace_view_open(struct trace_reader *reader, struct trace_view *ret, struct err *err)
{
    struct trace_view v = {.reader = reader, .style = call_text_style_default()};
    int r = trace_walk_open(reader, &v.walk, err);
    if (r < 0)
        return r;
    r = fd_follow_new(trace_reader_header(reader), &v.fds);
    if (r < 0) {
        trace_view_done(&v);
        return err_sys(err, -r, "cannot read the trace");
    }
    *ret = v;
    return 0;
}

void trace_view_done(struct trace_view *v)
{
    if (v == NULL)
        return;
    fd_follow_free(v->fds);
    trace_walk_free(v->walk);
    *v = (struct trace_view){0};
}

int trace_view_settle(struct trace_view *v)
{
    if (!v->pending)
        return 0;
    v->pending = false;
    return fd_follow_event(v->fds, &v->event);
}

int trace_view_next(struct trace_view *v, const struct walk_event **ret, struct err *err)
{
    int r = trace_view_settle(v);
    if (r < 0)
        return err_sys(err, -r, "cannot read the trace");
    r = trace_walk_next(v->walk, &v->event, err);
    v->pending = r > 0;
    *ret = &v->event;
    return r;
}

struct call_decoder trace_view_decoder(const struct trace_view *v, const struct walk_task *task)
{
    return (struct call_decoder){
        .reader = v->reader, .fds = v->fds, .task = task, .style = &v->style};
}

uint64_t trace_view_start(const struct walk_event *event)
{
    bool of_call = event->call != NULL && event->call->start < event->time;
    return of_call ? event->call->start : event->time;
}

/* ---- what a call is about ---- */

static const struct fd_object *object_of(const struct trace_view *v, const struct walk_task *task,
                                         const struct walk_call *call)
{
    for (size_t i = 0; i < call->n_args && call->row != NULL; i++)
        if (call->row->args[i] == ARG_FD && call->args[i] <= INT_MAX)
            return fd_follow_get(v->fds, task, (int)call->args[i]);
    return NULL;
}

/* The directory that a relative path starts from: the argument before it, if it is one. */
static int dirfd_of(const struct walk_call *call, size_t i)
{
    return i > 0 && call->row->args[i - 1] == ARG_DIRFD ? (int)call->args[i - 1] : AT_FDCWD;
}

static int path_of(const struct trace_view *v, const struct walk_task *task,
                   const struct walk_call *call, struct buf *out)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < call->n_args && call->row != NULL; i++) {
        struct call_arg arg;
        if (call->row->args[i] != ARG_PATH)
            continue;
        call_arg_get(call, i, &arg);
        long n = call_bytes_read(&arg.in, v->reader, 0, path, sizeof path);
        if (n <= 0)
            return 0;
        size_t len = strnlen(path, (size_t)n);
        int r = fd_follow_path(v->fds, task, dirfd_of(call, i), path, len, out);
        return r == -ENOENT ? buf_append(out, path, len) : r;
    }
    return 0;
}

int trace_view_subject(const struct trace_view *v, const struct walk_task *task,
                       const struct walk_call *call, const struct fd_object **ret_object,
                       struct buf *path)
{
    *ret_object = object_of(v, task, call);
    return *ret_object == NULL ? path_of(v, task, call, path) : 0;
}

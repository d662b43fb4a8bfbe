/* A walk over a trace together with all that is needed to tell what its calls mean. */
#ifndef REPRISE_DECODE_TRACE_VIEW_H
#define REPRISE_DECODE_TRACE_VIEW_H

#include "decode/call_text.h"
#include "decode/fd_follow.h"
#include "decode/trace_walk.h"

/* Embedded by its user; the fields are for reading, the style may be changed. */
struct trace_view {
    struct trace_reader *reader;
    struct trace_walk *walk;
    struct fd_follow *fds;
    struct call_text_style style;
    struct walk_event event; /* the one given last */
    bool pending;            /* `fds` has not taken it in yet */
};

/* The reader stays the caller's and must outlive the view. */
int trace_view_open(struct trace_reader *reader, struct trace_view *ret, struct err *err);
void trace_view_done(struct trace_view *v);

/* As trace_walk_next(). The descriptors are as they were before the event ... */
int trace_view_next(struct trace_view *v, const struct walk_event **ret, struct err *err);
/* ... and with this as they are after it. 0 or -ENOMEM. */
int trace_view_settle(struct trace_view *v);

struct call_decoder trace_view_decoder(const struct trace_view *v, const struct walk_task *task);

/* The start of the event's call, or the time of an event that is none. Never after its end. */
uint64_t trace_view_start(const struct walk_event *event);

/* What a call is about: the object behind its first descriptor, NULL: none; else the path of its
 * first path argument, which is appended to `path`. -ENOMEM. */
int trace_view_subject(const struct trace_view *v, const struct walk_task *task,
                       const struct walk_call *call, const struct fd_object **ret_object,
                       struct buf *path);

#endif

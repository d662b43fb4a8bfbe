/* Owns the matching of writes with reads. Either may be told first, since their processes are
 * recorded side by side; both sides of a channel therefore wait for the other. */
#include "export/traffic.h"

#include "decode/call_io.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SPANS_MAX ((size_t)1 << 20) /* a trace that has more under way gets no more links */

/* The bytes [begin, end) of a channel, from its first on, that one call moved. */
struct span {
    struct span *next;
    uint64_t begin, end;
    struct link_end who;
};

struct side {
    struct span *first, *last;
    uint64_t at; /* bytes moved so far */
};

struct channel {
    uint64_t key;
    enum link_kind kind;
    struct side written, read;
};

static void drop_first(struct traffic *t, struct side *s)
{
    struct span *gone = s->first;
    s->first = gone->next;
    if (s->first == NULL)
        s->last = NULL;
    t->n_spans--;
    free(gone);
}

void traffic_done(struct traffic *t)
{
    size_t pos = 0;
    for (struct channel *c; (c = map64_next(&t->channels, &pos)) != NULL;) {
        while (c->written.first != NULL)
            drop_first(t, &c->written);
        while (c->read.first != NULL)
            drop_first(t, &c->read);
        free(c);
    }
    map64_done(&t->channels);
}

static struct channel *channel_of(struct traffic *t, uint64_t key, enum link_kind kind)
{
    struct channel *c = map64_get(&t->channels, key);
    if (c != NULL)
        return c;
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    *c = (struct channel){.key = key, .kind = kind};
    if (map64_put(&t->channels, key, c) < 0) {
        free(c);
        return NULL;
    }
    return c;
}

/* When nothing is under way, as many bytes were read as written: it may as well begin anew. */
static void forget_if_idle(struct traffic *t, struct channel *c)
{
    if (c->written.first != NULL || c->read.first != NULL)
        return;
    map64_take(&t->channels, c->key);
    free(c);
}

static int add_span(struct traffic *t, struct side *s, uint64_t len, struct link_end who)
{
    struct span *span = malloc(sizeof *span);
    if (span == NULL)
        return -ENOMEM;
    *span = (struct span){.begin = s->at, .end = s->at + len, .who = who};
    s->at += len;
    if (s->last != NULL)
        s->last->next = span;
    else
        s->first = span;
    s->last = span;
    t->n_spans++;
    return 0;
}

static int match(struct traffic *t, struct channel *c)
{
    int r = 0;
    while (c->written.first != NULL && c->read.first != NULL && r == 0) {
        const struct span *w = c->written.first, *d = c->read.first;
        uint64_t begin = w->begin > d->begin ? w->begin : d->begin;
        uint64_t end = w->end < d->end ? w->end : d->end;
        struct link link = {.kind = c->kind, .from = w->who, .to = d->who, .bytes = end - begin};
        if (begin < end && w->who.time < d->who.time)
            r = t->emit(t->ctx, &link);
        bool w_used = w->end <= end, d_used = d->end <= end;
        if (w_used)
            drop_first(t, &c->written);
        if (d_used)
            drop_first(t, &c->read);
    }
    return r;
}

static int move(struct traffic *t, uint64_t key, enum link_kind kind, bool is_write, uint64_t len,
                struct link_end who)
{
    if (t->n_spans >= SPANS_MAX)
        return 0;
    struct channel *c = channel_of(t, key, kind);
    if (c == NULL)
        return -ENOMEM;
    int r = add_span(t, is_write ? &c->written : &c->read, len, who);
    if (r == 0)
        r = match(t, c);
    forget_if_idle(t, c);
    return r;
}

/* One way of a pipe, or of a connection with both ends in the trace; 0: neither. */
static uint64_t key_of(const struct traffic *t, const struct fd_object *o, bool is_write)
{
    int end;
    if (o->kind == FD_PIPE)
        return o->pair << 1;
    if (o->kind != FD_SOCKET)
        return 0;
    const struct conversation *c = conversations_find(t->conversations, o->id, &end);
    if (c == NULL || c->end[0].object == 0 || c->end[1].object == 0)
        return 0;
    int from = is_write ? end : 1 - end;
    return (uint64_t)c->number << 2 | (unsigned)from << 1 | 1;
}

static int move_through(struct traffic *t, const struct fd_object *o, bool is_write, uint64_t len,
                        struct link_end who)
{
    uint64_t key = o != NULL && len > 0 ? key_of(t, o, is_write) : 0;
    if (key == 0)
        return 0;
    bool whole = o->kind == FD_SOCKET && o->type != SOCK_STREAM; /* messages, not bytes */
    return move(t, key, o->kind == FD_PIPE ? LINK_PIPE : LINK_SOCKET, is_write, whole ? 1 : len,
                who);
}

int traffic_event(struct traffic *t, const struct trace_view *view, const struct walk_event *event)
{
    struct call_io io;
    if (!call_io_get(event->call, &io))
        return 0;
    const struct fd_object *from = fd_follow_get(view->fds, event->task, io.in_fd);
    const struct fd_object *to = fd_follow_get(view->fds, event->task, io.out_fd);
    int r = move_through(t, to, true, io.out_bytes,
                         (struct link_end){event->task, event->call->start + 1});
    if (r == 0 && !io.kept_queued)
        r = move_through(t, from, false, io.in_bytes,
                         (struct link_end){event->task, event->time - 1});
    return r;
}

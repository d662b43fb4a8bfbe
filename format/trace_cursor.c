/* Owns the walk over events: one stream, or all of them merged. A stream's chunk is opened only
 * when the walk has come to its base time, and freed when it is used up. */
#include "format/bytes.h"
#include "format/delimited.h"
#include "format/event_check.h"
#include "format/trace_reader.h"
#include "format/trace_reader_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* What open chunks may take together. Beyond it some are closed and opened again later: slow, but
 * only a hostile trace has so many large chunks at one time. */
#define OPEN_MAX ((size_t)256 << 20)

/* With by_start: what the events of all streams may take that were decoded ahead. A thousand
 * streams with events as recorders write them stay far below. */
#define AHEAD_MAX ((size_t)512 << 20)

struct walk {
    uint32_t stream;
    const uint32_t *chunks; /* of the stream, numbers in r->chunks */
    size_t n_chunks;
    size_t at;       /* the chunk that the walk is in */
    struct buf raw;  /* its payload; empty: not open */
    uint32_t count;  /* events in it, once it was open */
    uint32_t done;   /* of them given */
    size_t pos;      /* in raw, of the next event */
    uint64_t time;   /* of the event given last, or the base time of the chunk */
    uint64_t next;   /* of the next event; before the chunk was open a lower bound */
    bool is_exact;   /* `next` is no mere bound */
    uint64_t number; /* of the next event in the stream */
    /* with by_start: */
    struct arena arena;    /* of the event */
    Reprise__Event *event; /* that the walk is at, decoded; NULL: not yet */
    bool begun;            /* its beginning was given, or it has none */
};

struct trace_cursor {
    struct trace_reader *r;
    struct walk *walks;
    size_t n_walks;
    struct walk **heap; /* those that have not ended, the one with the least (next, stream) first */
    size_t n_heap;
    bool hold;    /* the arena keeps all events */
    bool given;   /* heap[0] gave an event and must move on first */
    uint64_t end; /* events from this time on are not given; UINT64_MAX: all are */
    uint64_t all; /* so many must be given, or some are lost; 0: that is not known */
    bool by_start;
    size_t open_bytes;
    size_t ahead_bytes; /* with by_start: of the walks' arenas */
    struct arena arena; /* the event given last lives here */
    int failed;         /* -errno: the walk has ended in an error */
};

static bool is_before(const struct walk *a, const struct walk *b)
{
    return a->next != b->next ? a->next < b->next : a->stream < b->stream;
}

static void sift_down(struct trace_cursor *c, size_t i)
{
    for (;;) {
        size_t least = i, left = 2 * i + 1, right = left + 1;
        if (left < c->n_heap && is_before(c->heap[left], c->heap[least]))
            least = left;
        if (right < c->n_heap && is_before(c->heap[right], c->heap[least]))
            least = right;
        if (least == i)
            return;
        struct walk *w = c->heap[i];
        c->heap[i] = c->heap[least];
        c->heap[least] = w;
        i = least;
    }
}

static const Reprise__IndexEntry *entry_of(const struct trace_cursor *c, const struct walk *w)
{
    return &c->r->chunks[w->chunks[w->at]];
}

static int damaged(const struct trace_cursor *c, const struct walk *w, const char *what,
                   struct err *err)
{
    return err_set(err, EBADMSG,
                   "%s is damaged in the chunk at byte %" PRIu64 ", event %" PRIu64
                   " of stream %u: %s",
                   c->r->name, entry_of(c, w)->offset, w->number, w->stream, what);
}

static void close_chunk(struct trace_cursor *c, struct walk *w)
{
    c->open_bytes -= w->raw.cap;
    buf_done(&w->raw);
}

/* Stands the walk before chunk w->at, unopened. */
static int begin_chunk(struct trace_cursor *c, struct walk *w, struct err *err)
{
    const Reprise__IndexEntry *e = entry_of(c, w);
    if (e->seq != w->at)
        return damaged(c, w, "a chunk of the stream is missing or doubled", err);
    if (e->time < w->time)
        return damaged(c, w, "its time goes backwards", err);
    /* By start: the first event of a chunk may have begun before it. */
    w->next = c->by_start && w->at > 0 ? w->time : e->time;
    w->time = e->time;
    w->is_exact = false;
    w->done = 0;
    w->pos = 0;
    return 0;
}

/* Makes room for a chunk of `need` bytes by closing those of the walks that are behind. */
static void evict(struct trace_cursor *c, size_t need)
{
    for (size_t i = c->n_heap; i-- > 1 && c->open_bytes + need > OPEN_MAX;)
        if (c->heap[i]->raw.cap > 0)
            close_chunk(c, c->heap[i]);
}

static int open_chunk(struct trace_cursor *c, struct walk *w, struct err *err)
{
    evict(c, entry_of(c, w)->raw_len);
    struct chunk_head head;
    int rc = trace_reader_load(c->r, w->chunks[w->at], &head, &w->raw, err);
    if (rc < 0) {
        buf_done(&w->raw);
        return rc;
    }
    c->open_bytes += w->raw.cap;
    w->count = head.count;
    if (head.count == 0 || w->raw.len == 0)
        return damaged(c, w, "the chunk is empty", err);
    return 0;
}

/* The delta of an event without decoding it: its first fields are task and time, each left out
 * when zero. give() checks that the decoded event says the same. */
static uint64_t peek_delta(const uint8_t *message, size_t len)
{
    const uint8_t tag_task = 1 << 3, tag_time = 2 << 3;
    uint64_t value;
    size_t pos = 0;
    if (len > 0 && message[0] == tag_task)
        pos = 1 + get_varint(message + 1, len - 1, &value);
    if (pos < len && message[pos] == tag_time &&
        get_varint(message + pos + 1, len - pos - 1, &value) > 0)
        return value;
    return 0;
}

/* Learns the time of the event at w->pos. */
static int peek_time(const struct trace_cursor *c, struct walk *w, struct err *err)
{
    size_t pos = w->pos;
    const uint8_t *message;
    size_t len;
    if (delimited_next(w->raw.data, w->raw.len, &pos, &message, &len) != 1)
        return damaged(c, w, "the event is cut", err);
    if (__builtin_add_overflow(w->time, peek_delta(message, len), &w->next))
        return damaged(c, w, "its time is out of range", err);
    w->is_exact = true;
    return 0;
}

/* Goes behind the event that heap[0] gave last, and restores the order. */
static int move_on(struct trace_cursor *c, struct err *err)
{
    struct walk *w = c->heap[0];
    int rc = 0;
    if (w->done < w->count) {
        rc = peek_time(c, w, err);
    } else {
        close_chunk(c, w);
        w->at++;
        if (w->at < w->n_chunks)
            rc = begin_chunk(c, w, err);
        else
            c->heap[0] = c->heap[--c->n_heap];
    }
    sift_down(c, 0);
    return rc;
}

/* Decodes the event at w->pos, whose time is w->next, and goes behind it. */
static int decode(struct trace_cursor *c, struct walk *w, struct arena *arena, Reprise__Event **ret,
                  struct err *err)
{
    const uint8_t *message;
    size_t len;
    if (delimited_next(w->raw.data, w->raw.len, &w->pos, &message, &len) != 1)
        return damaged(c, w, "the event is cut", err);
    if (arena != &c->arena || !c->hold)
        arena_reset(arena);
    Reprise__Event *e = reprise__event__unpack(&arena->allocator, len, message);
    if (e == NULL && arena->is_starved)
        return err_sys(err, ENOMEM, "cannot read %s", c->r->name);
    if (e == NULL)
        return damaged(c, w, "the event cannot be decoded", err);
    const char *why;
    if (event_check(e, &why) < 0)
        return damaged(c, w, why, err);
    if (e->time != w->next - w->time)
        return damaged(c, w, "its time is not where it belongs", err);
    w->done++;
    if ((w->done == w->count) != (w->pos == w->raw.len))
        return damaged(c, w, "the chunk has not as many events as it says", err);
    e->time = w->time = w->next;
    *ret = e;
    return 0;
}

static int give(struct trace_cursor *c, struct walk *w, struct trace_event *ret_event,
                struct err *err)
{
    Reprise__Event *e;
    int rc = decode(c, w, &c->arena, &e, err);
    if (rc < 0)
        return rc;
    *ret_event = (struct trace_event){.stream = w->stream, .number = w->number++, .event = e};
    c->given = true;
    return 1;
}

static int next_event(struct trace_cursor *c, struct trace_event *ret_event, struct err *err)
{
    int rc = 0;
    if (c->given) {
        c->given = false;
        rc = move_on(c, err);
    }
    while (rc == 0 && c->n_heap > 0) {
        struct walk *w = c->heap[0];
        if (w->next >= c->end && c->end < UINT64_MAX)
            return 0;
        if (w->raw.len == 0)
            rc = open_chunk(c, w, err);
        if (rc == 0 && w->is_exact)
            return give(c, w, ret_event, err);
        if (rc == 0)
            rc = peek_time(c, w, err);
        sift_down(c, 0);
    }
    return rc;
}

/* ---- by start ---- */

/* A call told in one event began before the event was written, but not before the one ahead of it
 * in its stream. */
static bool has_beginning(const Reprise__Event *e)
{
    return e->body_case == REPRISE__EVENT__BODY_SYSCALL &&
           e->syscall->phase == REPRISE__SYSCALL__PHASE__WHOLE;
}

static int look_ahead(struct trace_cursor *c, struct walk *w, struct err *err)
{
    int rc = w->raw.len == 0 ? open_chunk(c, w, err) : 0;
    uint64_t before = w->next;
    if (rc == 0)
        rc = peek_time(c, w, err);
    if (w->arena.limit == 0)
        arena_init(&w->arena, MESSAGE_MEMORY_MAX);
    c->ahead_bytes -= w->arena.total;
    if (rc == 0)
        rc = decode(c, w, &w->arena, &w->event, err);
    c->ahead_bytes += w->arena.total;
    if (rc == 0 && c->ahead_bytes > AHEAD_MAX)
        rc = damaged(c, w, "too many large events go on at the same time", err);
    if (rc < 0)
        return rc;
    w->begun = true;
    if (has_beginning(w->event) && w->next < c->end) {
        uint64_t took = w->event->syscall->duration;
        uint64_t start = took < w->next ? w->next - took : 0;
        w->next = start > before ? start : before;
        w->begun = false;
    }
    sift_down(c, 0);
    return 0;
}

/* Behind the event that heap[0] gave last. */
static int leave(struct trace_cursor *c, struct err *err)
{
    struct walk *w = c->heap[0];
    int rc = 0;
    w->event = NULL;
    w->is_exact = false;
    if (w->done < w->count) {
        w->next = w->time;
    } else {
        close_chunk(c, w);
        w->at++;
        if (w->at < w->n_chunks) {
            rc = begin_chunk(c, w, err);
        } else {
            c->ahead_bytes -= w->arena.total;
            arena_done(&w->arena);
            c->heap[0] = c->heap[--c->n_heap];
        }
    }
    sift_down(c, 0);
    return rc;
}

static int next_moment(struct trace_cursor *c, struct trace_event *ret_event, struct err *err)
{
    int rc = 0;
    if (c->given) {
        c->given = false;
        rc = leave(c, err);
    }
    while (rc == 0 && c->n_heap > 0) {
        struct walk *w = c->heap[0];
        if (w->next >= c->end && c->end < UINT64_MAX)
            return 0;
        if (w->event == NULL) {
            rc = look_ahead(c, w, err);
            continue;
        }
        *ret_event = (struct trace_event){
            .stream = w->stream, .number = w->number, .event = w->event, .begins = !w->begun};
        if (w->begun) {
            w->number++;
            c->given = true;
            return 1;
        }
        ret_event->start = w->next;
        w->begun = true;
        w->next = w->event->time;
        sift_down(c, 0);
        return 1;
    }
    return rc;
}

/* At the end. Chunks that are missing at the end of a stream, or all of one, show by this alone. */
static int check_all_given(const struct trace_cursor *c, struct err *err)
{
    uint64_t given = 0;
    for (size_t i = 0; i < c->n_walks; i++)
        given += c->walks[i].number;
    if (c->all == 0 || given == c->all)
        return 0;
    return err_set(err, EBADMSG,
                   "%s is damaged: it holds %" PRIu64 " of the %" PRIu64
                   " events that were recorded",
                   c->r->name, given, c->all);
}

int trace_cursor_next(struct trace_cursor *c, struct trace_event *ret_event, struct err *err)
{
    if (c->failed < 0)
        return err_set(err, -c->failed, "%s cannot be read further", c->r->name);
    int rc = c->by_start ? next_moment(c, ret_event, err) : next_event(c, ret_event, err);
    if (rc == 0)
        rc = check_all_given(c, err);
    if (rc < 0)
        c->failed = rc;
    return rc;
}

/* Sets up one walk per stream among the EVENTS chunks [first, end) of r->events. */
static int make_walks(struct trace_cursor *c, size_t first, size_t end, struct err *err)
{
    struct trace_reader *r = c->r;
    size_t n = 0;
    for (size_t i = first; i < end; i++)
        n += i == first || r->chunks[r->events[i]].stream != r->chunks[r->events[i - 1]].stream;
    c->walks = calloc(n + 1, sizeof *c->walks);
    c->heap = calloc(n + 1, sizeof *c->heap);
    if (c->walks == NULL || c->heap == NULL)
        return err_sys(err, ENOMEM, "cannot read %s", r->name);
    for (size_t i = first; i < end;) {
        struct walk *w = &c->walks[c->n_heap];
        w->stream = (uint32_t)r->chunks[r->events[i]].stream;
        w->chunks = &r->events[i];
        while (i < end && r->chunks[r->events[i]].stream == w->stream) {
            w->n_chunks++;
            i++;
        }
        int rc = begin_chunk(c, w, err);
        if (rc < 0)
            return rc;
        c->heap[c->n_heap++] = w;
    }
    c->n_walks = c->n_heap;
    for (size_t i = c->n_heap / 2; i-- > 0;)
        sift_down(c, i);
    return 0;
}

static int open_cursor(struct trace_reader *r, uint32_t stream, bool by_start,
                       struct trace_cursor **ret, struct err *err)
{
    struct trace_cursor *c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_sys(err, ENOMEM, "cannot read %s", r->name);
    c->r = r;
    c->by_start = by_start;
    c->end = r->complete;
    arena_init(&c->arena, MESSAGE_MEMORY_MAX);
    size_t first = 0, end = r->n_events;
    if (stream == TRACE_ALL_STREAMS && r->summary != NULL)
        c->all = r->summary->events;
    if (stream != TRACE_ALL_STREAMS) {
        first = trace_reader_find_events(r, stream);
        end = trace_reader_find_events(r, (uint64_t)stream + 1);
    }
    int rc = make_walks(c, first, end, err);
    if (rc < 0) {
        trace_cursor_free(c);
        return rc;
    }
    *ret = c;
    return 0;
}

int trace_cursor_open(struct trace_reader *r, uint32_t stream, struct trace_cursor **ret,
                      struct err *err)
{
    return open_cursor(r, stream, false, ret, err);
}

int trace_cursor_open_by_start(struct trace_reader *r, struct trace_cursor **ret, struct err *err)
{
    return open_cursor(r, TRACE_ALL_STREAMS, true, ret, err);
}

int trace_cursor_open_beyond(struct trace_reader *r, struct trace_cursor **ret, struct err *err)
{
    int rc = trace_cursor_open(r, TRACE_ALL_STREAMS, ret, err);
    if (rc == 0)
        (*ret)->end = UINT64_MAX;
    return rc;
}

void trace_cursor_hold(struct trace_cursor *c, bool hold)
{
    c->hold = hold;
}

void trace_cursor_free(struct trace_cursor *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->n_heap; i++) {
        buf_done(&c->heap[i]->raw);
        arena_done(&c->heap[i]->arena);
    }
    arena_done(&c->arena);
    free(c->walks);
    free(c->heap);
    free(c);
}

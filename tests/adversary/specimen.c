/* Owns the taking apart of traces and their putting together again. */
#include "specimen.h"

#include "format/chunk_reader.h"
#include "format/chunk_writer.h"
#include "format/delimited.h"
#include "format/event_pack.h"
#include "format/trace_reader.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARENA_MAX ((size_t)512 << 20)

static void *grown(void *v, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0) /* it doubles at powers of two */
        return v;
    v = realloc(v, (n > 0 ? 2 * n : 1) * size);
    if (v == NULL)
        err(2, "no memory");
    return v;
}

static ProtobufCMessage *copied(struct arena *arena, const ProtobufCMessage *m)
{
    size_t len = protobuf_c_message_get_packed_size(m);
    if (len > EVENT_MAX)
        return NULL;
    uint8_t *bytes = malloc(len + 1);
    if (bytes == NULL)
        err(2, "no memory");
    protobuf_c_message_pack(m, bytes);
    ProtobufCMessage *copy =
        protobuf_c_message_unpack(m->descriptor, &arena->allocator, len, bytes);
    free(bytes);
    return copy;
}

/* ---- reading ---- */

static void note_place(struct specimen *s, uint64_t place)
{
    s->places = grown(s->places, s->n_places, sizeof *s->places);
    s->places[s->n_places++] = place;
}

static void note_places(struct specimen *s, const Reprise__Event *e)
{
    if (e->body_case == REPRISE__EVENT__BODY_SYSCALL) {
        note_place(s, e->syscall->ip);
        for (size_t i = 0; i < e->syscall->n_out; i++)
            note_place(s, e->syscall->out[i]->addr);
    }
    for (size_t i = 0; e->body_case == REPRISE__EVENT__BODY_EXEC && i < e->exec->image->n_mappings;
         i++) {
        const Reprise__Mapping *m = e->exec->image->mappings[i];
        note_place(s, m->addr);
        note_place(s, m->addr + m->len);
    }
}

static void read_events(struct specimen *s, struct trace_reader *trace)
{
    struct trace_cursor *cursor;
    struct trace_event e;
    struct err error = {0};
    if (trace_cursor_open(trace, TRACE_ALL_STREAMS, &cursor, &error) < 0)
        errx(2, "%s", error.msg);
    while (trace_cursor_next(cursor, &e, &error) > 0) {
        s->events = grown(s->events, s->n_events, sizeof *s->events);
        s->events[s->n_events++] = (struct draft_event){
            .event = (Reprise__Event *)copied(&s->arena, &e.event->base), .stream = e.stream};
        note_places(s, e.event);
    }
    if (error.code != 0)
        errx(2, "%s", error.msg);
    trace_cursor_free(cursor);
}

static void read_blobs(struct specimen *s, const struct trace_reader *trace, int fd)
{
    struct chunk_reader in;
    if (chunk_reader_init(&in, fd, s->name) < 0)
        err(2, "%s", s->name);
    for (size_t i = 0; i < trace_reader_chunk_count(trace); i++) {
        const Reprise__IndexEntry *entry = trace_reader_chunk(trace, i);
        if (entry->kind != CHUNK_BLOB && entry->kind != CHUNK_BLOBNAME)
            continue;
        s->blobs = grown(s->blobs, s->n_blobs, sizeof *s->blobs);
        struct blob_chunk *c = &s->blobs[s->n_blobs++];
        struct err error = {0};
        *c = (struct blob_chunk){0};
        if (chunk_reader_load(&in, entry->offset, &c->head, &c->raw, &error) < 0)
            errx(2, "%s", error.msg);
        size_t pos = 0, len;
        const uint8_t *message;
        if (entry->kind != CHUNK_BLOBNAME ||
            delimited_next(c->raw.data, c->raw.len, &pos, &message, &len) != 1)
            continue;
        Reprise__BlobName *name = reprise__blob_name__unpack(NULL, len, message);
        s->blob_ids = grown(s->blob_ids, s->n_blob_ids, sizeof *s->blob_ids);
        if (name == NULL || name->id.len != sizeof *s->blob_ids)
            errx(2, "%s: a blob without a name", s->name);
        memcpy(&s->blob_ids[s->n_blob_ids++], name->id.data, sizeof *s->blob_ids);
        reprise__blob_name__free_unpacked(name, NULL);
    }
    chunk_reader_done(&in);
}

void specimen_read(const char *path, struct specimen *ret)
{
    struct err error = {0};
    struct trace_reader *trace;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        err(2, "%s", path);
    if (trace_reader_open_fd(fd, path, &trace, &error) < 0)
        errx(2, "%s", error.msg);
    *ret = (struct specimen){.name = path};
    arena_init(&ret->arena, ARENA_MAX);
    ret->header = (Reprise__Header *)copied(&ret->arena, &trace_reader_header(trace)->base);
    if (trace_reader_summary(trace) != NULL)
        ret->summary = (Reprise__Summary *)copied(&ret->arena, &trace_reader_summary(trace)->base);
    read_events(ret, trace);
    read_blobs(ret, trace, fd);
    trace_reader_free(trace);
    close(fd);
    if (ret->n_events == 0)
        errx(2, "%s: no events", path);
}

/* ---- drafts ---- */

void draft_begin(struct draft *d, const struct specimen *s, struct arena *arena)
{
    struct draft_event *events = d->events;
    size_t cap = d->cap;
    if (cap < s->n_events) {
        cap = s->n_events;
        events = realloc(events, cap * sizeof *events);
        if (events == NULL)
            err(2, "no memory");
    }
    memcpy(events, s->events, s->n_events * sizeof *events);
    *d = (struct draft){.origin = s,
                        .arena = arena,
                        .header = s->header,
                        .summary = s->summary,
                        .events = events,
                        .n_events = s->n_events,
                        .cap = cap};
}

void draft_insert(struct draft *d, size_t at, struct draft_event e)
{
    if (d->n_events == d->cap) {
        d->cap = 2 * d->cap + 16;
        d->events = realloc(d->events, d->cap * sizeof *d->events);
        if (d->events == NULL)
            err(2, "no memory");
    }
    memmove(d->events + at + 1, d->events + at, (d->n_events - at) * sizeof *d->events);
    d->events[at] = e;
    d->n_events++;
}

void draft_remove(struct draft *d, size_t at)
{
    d->n_events--;
    memmove(d->events + at, d->events + at + 1, (d->n_events - at) * sizeof *d->events);
}

ProtobufCMessage *draft_copy(struct draft *d, const ProtobufCMessage *message)
{
    return copied(d->arena, message);
}

/* ---- writing ---- */

static bool put_message(struct chunk_writer *out, uint32_t kind, const ProtobufCMessage *m)
{
    struct buf raw = {0};
    bool fits = delimited_append(&raw, m) == 0 && raw.len <= CHUNK_RAW_MAX;
    struct chunk_head head = {.kind = kind, .count = 1, .raw_len = (uint32_t)raw.len};
    if (fits && chunk_writer_put(out, head, raw.data) < 0)
        err(2, "cannot write a trace");
    buf_done(&raw);
    return fits;
}

static void put_blob(struct chunk_writer *out, struct chunk_head head, const struct buf *raw)
{
    head.raw_len = (uint32_t)raw->len;
    int r = head.kind == CHUNK_BLOBNAME ? chunk_writer_put_blobname(out, head, raw->data)
                                        : chunk_writer_put(out, head, raw->data);
    if (r < 0)
        err(2, "cannot write a trace");
}

/* Puts the name of a blob, or a piece of it, as it was not. */
static void put_changed_blob(struct chunk_writer *out, const struct draft *d)
{
    const struct blob_chunk *c = &d->origin->blobs[d->blob_chunk];
    struct buf raw = {0};
    size_t pos = 0, len;
    const uint8_t *message;
    if (buf_append(&raw, c->raw.data, c->raw.len) < 0)
        err(2, "no memory");
    if (c->head.kind == CHUNK_BLOB && raw.len > 0) {
        raw.data[d->blob_value % raw.len] ^= 1;
    } else if (delimited_next(c->raw.data, c->raw.len, &pos, &message, &len) == 1) {
        Reprise__BlobName *name = reprise__blob_name__unpack(NULL, len, message);
        buf_clear(&raw);
        if (name == NULL)
            err(2, "no memory");
        name->size = d->blob_value;
        if (delimited_append(&raw, &name->base) < 0)
            err(2, "no memory");
        reprise__blob_name__free_unpacked(name, NULL);
    }
    put_blob(out, c->head, &raw);
    buf_done(&raw);
}

static void put_blobs(struct chunk_writer *out, const struct draft *d)
{
    for (size_t i = 0; i < d->origin->n_blobs; i++) {
        const struct blob_chunk *c = &d->origin->blobs[i];
        enum blob_change change = i == d->blob_chunk ? d->blob_change : BLOBS_AS_THEY_WERE;
        if (change == BLOB_OTHERWISE)
            put_changed_blob(out, d);
        else if (change != BLOB_LEFT_OUT)
            put_blob(out, c->head, &c->raw);
        if (change == BLOB_TWICE)
            put_blob(out, c->head, &c->raw);
    }
}

/* All events of a stream are one chunk. A time that goes back is that of the event before, or the
 * reader would find the trace damaged there. */
static bool put_stream(struct chunk_writer *out, const struct draft *d, uint32_t stream)
{
    struct buf raw = {0};
    struct chunk_head head = {.kind = CHUNK_EVENTS, .stream = stream, .complete = UINT64_MAX};
    uint64_t last = 0;
    bool fits = true;
    for (size_t i = 0; fits && i < d->n_events; i++) {
        const struct draft_event *e = &d->events[i];
        if (e->stream != stream)
            continue;
        if (head.count++ == 0)
            head.time = last = e->event->time;
        uint64_t time = e->event->time > last ? e->event->time : last;
        fits = event_pack(&raw, e->event, time - last) == 0 && raw.len <= CHUNK_RAW_MAX;
        last = time;
    }
    head.raw_len = (uint32_t)raw.len;
    if (fits && chunk_writer_put(out, head, raw.data) < 0)
        err(2, "cannot write a trace");
    buf_done(&raw);
    return fits;
}

/* It counts the events as they are now, unless it is what was changed. */
static bool put_summary(struct chunk_writer *out, const struct draft *d)
{
    Reprise__Summary s = *d->summary;
    if (d->summary == d->origin->summary && s.events > 0)
        s.events = d->n_events;
    return put_message(out, CHUNK_SUMMARY, &s.base);
}

static bool is_first_of_stream(const struct draft *d, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (d->events[k].stream == d->events[i].stream)
            return false;
    return true;
}

bool draft_write(const struct draft *d, int fd)
{
    struct chunk_writer out;
    if (ftruncate(fd, 0) < 0 || chunk_writer_init(&out, fd, 1, 1) < 0)
        err(2, "cannot write a trace");
    bool fits = put_message(&out, CHUNK_HEADER, &d->header->base);
    put_blobs(&out, d);
    for (size_t i = 0; fits && i < d->n_events; i++)
        if (is_first_of_stream(d, i))
            fits = put_stream(&out, d, d->events[i].stream);
    if (fits && d->summary != NULL)
        fits = put_summary(&out, d);
    if (chunk_writer_finish(&out) < 0)
        err(2, "cannot write a trace");
    chunk_writer_done(&out);
    return fits;
}

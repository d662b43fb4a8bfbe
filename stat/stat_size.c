/* Owns the question why a trace is as large as it is. Events are compressed together, so what one
 * of them takes in the file is its share of the whole. */
#include "stat/stat_size.h"

#include "decode/call_text.h"
#include "format/chunk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define CAUSE_MAX 512

/* `in_events`: of the raw bytes those that lie in events. Their share of the file is known when all
 * are; until then bytes_in, which means nothing here, keeps them. */
static int add(struct stat_size *s, uint64_t in_events, uint64_t raw, uint64_t stored,
               const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static int add(struct stat_size *s, uint64_t in_events, uint64_t raw, uint64_t stored,
               const char *fmt, ...)
{
    char cause[CAUSE_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(cause, sizeof cause, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : n < CAUSE_MAX ? (size_t)n : CAUSE_MAX - 1;
    struct stat_sums *sums = stat_table_sums(s->table, cause, len, NULL);
    if (sums == NULL)
        return -ENOMEM;
    sums->calls++;
    sums->raw += raw;
    sums->stored += stored;
    sums->bytes_in += in_events;
    return 0;
}

/* ---- blobs ---- */

/* 1 with its sizes if no event has named the blob before. */
static int take_blob(struct stat_size *s, const ProtobufCBinaryData *id, uint64_t *ret_raw,
                     uint64_t *ret_stored)
{
    uint64_t serial;
    if (id->len == 0 ||
        trace_reader_blob_stored(s->reader, id->data, id->len, &serial, ret_stored) < 0)
        return 0;
    if (map64_get(&s->seen, serial) != NULL ||
        trace_reader_blob_size(s->reader, id->data, id->len, ret_raw, NULL) < 0)
        return 0;
    s->blob_stored += *ret_stored;
    int r = map64_put(&s->seen, serial, s);
    return r < 0 ? r : 1;
}

static int count_mapping(struct stat_size *s, const Reprise__Mapping *m)
{
    uint64_t raw, stored;
    int r = take_blob(s, &m->blob, &raw, &stored);
    if (r > 0)
        r = add(s, 0, raw, stored, "mapped file %.*s", (int)(m->name.len & 0xffff),
                (const char *)m->name.data);
    for (size_t i = 0; i < m->n_content && r >= 0; i++) {
        r = take_blob(s, &m->content[i]->blob, &raw, &stored);
        if (r > 0)
            r = add(s, 0, raw, stored, "memory at exec");
    }
    return r < 0 ? r : 0;
}

/* What the ranges hold: in the event, which is told by *ret_bytes, or in blobs. */
static int count_ranges(struct stat_size *s, size_t n, Reprise__Range *const *v, const char *what,
                        const char *name, uint64_t *ret_bytes)
{
    int r = 0;
    *ret_bytes = 0;
    for (size_t i = 0; i < n && r >= 0; i++) {
        uint64_t raw, stored;
        *ret_bytes += v[i]->data.len;
        r = take_blob(s, &v[i]->blob, &raw, &stored);
        if (r > 0)
            r = add(s, 0, raw, stored, "%s %s", what, name);
    }
    return r < 0 ? r : 0;
}

/* ---- events ---- */

static int count_call(struct stat_size *s, const struct walk_event *event, uint64_t size)
{
    const Reprise__Syscall *call = event->event->syscall;
    const struct syscall_row *row = syscall_row(call->nr);
    const char *name = row != NULL ? row->name : "unknown calls";
    uint64_t in, out;
    int r = count_ranges(s, call->n_in, call->in, "data handed to", name, &in);
    if (r == 0)
        r = count_ranges(s, call->n_out, call->out, "data that came from", name, &out);
    for (size_t i = 0; i < call->n_map && r == 0; i++)
        if (call->map[i]->mapping != NULL)
            r = count_mapping(s, call->map[i]->mapping);
    if (r == 0 && in > 0)
        r = add(s, in, in, 0, "data handed to %s", name);
    if (r == 0 && out > 0)
        r = add(s, out, out, 0, "data that came from %s", name);
    uint64_t rest = size > in + out ? size - in - out : 0;
    return r == 0 ? add(s, rest, rest, 0, "calls of %s", name) : r;
}

static int count_exec(struct stat_size *s, const Reprise__Exec *exec, uint64_t size)
{
    int r = add(s, size, size, 0, "memory at exec");
    const Reprise__Image *image = exec->image;
    for (size_t i = 0; image != NULL && i < image->n_mappings && r == 0; i++)
        r = count_mapping(s, image->mappings[i]);
    return r;
}

int stat_size_event(struct stat_size *s, const struct walk_event *event)
{
    uint64_t size = reprise__event__get_packed_size(event->event);
    s->event_raw += size;
    if (event->kind == REPRISE__EVENT__BODY_SYSCALL)
        return count_call(s, event, size);
    if (event->kind == REPRISE__EVENT__BODY_EXEC)
        return count_exec(s, event->event->exec, size);
    return add(s, size, size, 0, "%s events", event_kind_info(event->kind)->name);
}

/* ---- the whole ---- */

static void share(const struct stat_size *s, struct stat_sums *sums, uint64_t stored)
{
    if (s->event_raw > 0)
        sums->stored += (uint64_t)((double)sums->bytes_in / (double)s->event_raw * (double)stored);
    sums->bytes_in = 0;
}

static void share_events(struct stat_size *s, uint64_t stored)
{
    for (size_t i = 0; i < s->table->n; i++)
        share(s, &s->table->v[i].sums, stored);
    share(s, &s->table->rest, stored);
}

int stat_size_finish(struct stat_size *s)
{
    uint64_t events = 0, blobs = 0, n_blobs = 0, frame = 0, n_frame = 0;
    for (size_t i = 0; i < trace_reader_chunk_count(s->reader); i++) {
        const Reprise__IndexEntry *chunk = trace_reader_chunk(s->reader, i);
        uint64_t size = chunk_size(chunk->stored_len);
        if (chunk->kind == CHUNK_EVENTS) {
            events += size;
        } else if (chunk->kind == CHUNK_BLOB) {
            blobs += size;
            n_blobs++;
        } else {
            frame += size;
            n_frame++;
        }
    }
    share_events(s, events);
    int r = 0;
    if (n_frame > 0)
        r = add(s, 0, frame, frame, "header, index and names of content");
    if (r == 0 && blobs > s->blob_stored)
        r = add(s, 0, blobs - s->blob_stored, blobs - s->blob_stored,
                "content that no event names");
    return r;
}

void stat_size_done(struct stat_size *s)
{
    map64_done(&s->seen);
}

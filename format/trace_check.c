/* Owns the thorough check of a trace: every byte lies under a checksum that is verified, every
 * message is decoded, and what refers to a blob finds it. */
#include "format/event_blobs.h"
#include "format/trace_reader.h"
#include "format/trace_reader_private.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int check_blob_name(struct trace_reader *r, size_t i, struct err *err)
{
    struct arena arena;
    arena_init(&arena, MESSAGE_MEMORY_MAX);
    ProtobufCMessage *message;
    int rc =
        trace_reader_load_message(r, i, &reprise__blob_name__descriptor, &arena, &message, err);
    if (rc == 0) {
        const Reprise__BlobName *name = (const Reprise__BlobName *)message;
        const struct trace_blob *blob = trace_reader_find_blob(r, name->id.data, name->id.len);
        if (name->serial != r->chunks[i].stream || blob == NULL || blob->size != name->size)
            rc = chunk_reader_damaged(&r->in, r->chunks[i].offset,
                                      "the name of a blob is not what the index says", err);
    }
    arena_done(&arena);
    return rc;
}

static int check_message(struct trace_reader *r, size_t i, const ProtobufCMessageDescriptor *type,
                         struct err *err)
{
    struct arena arena;
    arena_init(&arena, MESSAGE_MEMORY_MAX);
    ProtobufCMessage *message;
    int rc = trace_reader_load_message(r, i, type, &arena, &message, err);
    arena_done(&arena);
    return rc;
}

static int check_payload(struct trace_reader *r, size_t i, struct err *err)
{
    struct buf raw = {0};
    struct chunk_head head;
    int rc = trace_reader_load(r, i, &head, &raw, err);
    buf_done(&raw);
    return rc;
}

static int check_chunk(struct trace_reader *r, size_t i, struct err *err)
{
    switch ((enum chunk_kind)r->chunks[i].kind) {
    case CHUNK_HEADER:
        if (i != 0)
            return chunk_reader_damaged(&r->in, r->chunks[i].offset, "a second header", err);
        return check_message(r, i, &reprise__header__descriptor, err);
    case CHUNK_SUMMARY:
        return check_message(r, i, &reprise__summary__descriptor, err);
    case CHUNK_INDEX:
        return check_message(r, i, &reprise__index__descriptor, err);
    case CHUNK_BLOBNAME:
        return check_blob_name(r, i, err);
    case CHUNK_BLOB: /* again in check_blobs, but here those without a name as well */
    case CHUNK_END:
        return check_payload(r, i, err);
    case CHUNK_EVENTS: /* in check_events */
        return 0;
    }
    return chunk_reader_damaged(&r->in, r->chunks[i].offset, "a chunk of no known kind", err);
}

static int check_has_blob(void *reader, const ProtobufCBinaryData *id)
{
    return trace_reader_find_blob(reader, id->data, id->len) != NULL ? 0 : -EBADMSG;
}

static int check_events(struct trace_reader *r, struct err *err)
{
    struct trace_cursor *c;
    int rc = trace_cursor_open_beyond(r, &c, err);
    if (rc < 0)
        return rc;
    struct trace_event event;
    while ((rc = trace_cursor_next(c, &event, err)) > 0) {
        rc = event_blobs_visit(event.event, check_has_blob, r);
        if (rc < 0) {
            err_set(err, EBADMSG,
                    "%s is damaged: event %" PRIu64 " of stream %u names a blob that is not there",
                    r->name, event.number, event.stream);
            break;
        }
    }
    trace_cursor_free(c);
    return rc;
}

static int ignore(void *ctx, uint64_t offset, const void *data, size_t len)
{
    (void)ctx;
    (void)offset;
    (void)data;
    (void)len;
    return 0;
}

int trace_reader_fault(const struct trace_reader *r, struct err *err)
{
    return r->fault.code != 0 ? err_set(err, r->fault.code, "%s", r->fault.msg) : 0;
}

/* Without it nobody knows how many events there were, and how the program ended. */
static int check_summary(const struct trace_reader *r, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_chunks; i++)
        n += r->chunks[i].kind == CHUNK_SUMMARY;
    return n == 1 ? 0
                  : err_set(err, EBADMSG, "%s is damaged: it has %zu summaries instead of one",
                            r->name, n);
}

int trace_reader_check_rest(struct trace_reader *r, struct err *err)
{
    int rc = trace_reader_fault(r, err);
    if (rc < 0 || r->torn)
        return rc;
    rc = check_summary(r, err);
    for (size_t i = 0; rc == 0 && i < r->n_chunks; i++)
        if (r->chunks[i].kind == CHUNK_BLOBNAME || !r->loaded[i])
            rc = check_chunk(r, i, err);
    for (size_t i = 0; rc == 0 && i < r->n_blobs; i++)
        if (!r->blobs[i].walked)
            rc = trace_reader_walk_blob(r, &r->blobs[i], ignore, NULL, err);
    return rc;
}

int trace_reader_check(struct trace_reader *r, struct err *err)
{
    int rc = trace_reader_fault(r, err);
    for (size_t i = 0; rc == 0 && i < r->n_chunks; i++)
        rc = check_chunk(r, i, err);
    if (rc == 0)
        rc = check_events(r, err);
    for (size_t i = 0; rc == 0 && i < r->n_blobs; i++)
        rc = trace_reader_walk_blob(r, &r->blobs[i], ignore, NULL, err);
    return rc;
}

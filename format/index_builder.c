/* Owns the writer's side of the index: entries are packed at once, as differences. */
#include "format/index_builder.h"

#include "format/bytes.h"
#include "format/trace.pb-c.h"

/* Of the fields of reprise.Index: number << 3 | 2 (length-delimited). */
#define TAG_CHUNKS (1 << 3 | 2)
#define TAG_BLOBS  (2 << 3 | 2)

void index_builder_done(struct index_builder *b)
{
    if (b != NULL)
        buf_done(&b->message);
}

static int append_field(struct index_builder *b, uint8_t tag, const void *message, size_t len)
{
    int r = buf_reserve(&b->message, 1 + VARINT_MAX + len);
    if (r < 0)
        return r;
    uint8_t *p = b->message.data + b->message.len;
    *p++ = tag;
    p += put_varint(p, len);
    memcpy(p, message, len);
    b->message.len = (size_t)(p - b->message.data) + len;
    return 0;
}

int index_builder_add(struct index_builder *b, const struct chunk_head *head, uint64_t offset)
{
    Reprise__IndexEntry e = REPRISE__INDEX_ENTRY__INIT;
    e.kind = head->kind;
    e.offset = offset - b->last_offset;
    e.stream = head->stream;
    e.seq = head->seq;
    if (head->kind == CHUNK_EVENTS)
        e.time = head->time - b->last_time; /* streams are written in no order of time: may wrap */
    e.stored_len = head->stored_len;
    e.raw_len = head->raw_len;

    uint8_t packed[128]; /* seven varints and their tags */
    size_t len = reprise__index_entry__pack(&e, packed);
    int r = append_field(b, TAG_CHUNKS, packed, len);
    if (r < 0)
        return r;
    b->last_offset = offset;
    if (head->kind == CHUNK_EVENTS)
        b->last_time = head->time;
    return 0;
}

int index_builder_add_blob(struct index_builder *b, const void *message, size_t len)
{
    return append_field(b, TAG_BLOBS, message, len);
}

void index_builder_next(struct index_builder *b, uint64_t offset)
{
    buf_clear(&b->message);
    b->last_offset = 0;
    b->last_time = 0;
    b->previous = offset;
    b->seq++;
}

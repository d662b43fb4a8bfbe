/* Owns the bytes of an event in a chunk. Calls are packed from back to front, so that the length
 * of a message, which stands before it, is known when it is written. */
#include "format/event_pack.h"

#include "format/bytes.h"
#include "format/chunk.h"
#include "format/delimited.h"

#include <errno.h>

/* What the functions below write. A field added to trace.proto makes protobuf-c take over until
 * it is added here. */
bool event_pack_knows_schema(void)
{
    return reprise__event__descriptor.n_fields == 13 &&
           reprise__syscall__descriptor.n_fields == 17 && reprise__range__descriptor.n_fields == 6;
}

static bool ranges_are_plain(size_t n, Reprise__Range *const *ranges)
{
    for (size_t i = 0; i < n; i++)
        if (ranges[i]->base.n_unknown_fields > 0)
            return false;
    return true;
}

static bool is_plain_call(const Reprise__Event *e)
{
    if (e->body_case != REPRISE__EVENT__BODY_SYSCALL || e->base.n_unknown_fields > 0)
        return false;
    const Reprise__Syscall *s = e->syscall;
    return s->n_map == 0 && s->n_regs == 0 && s->base.n_unknown_fields == 0 &&
           ranges_are_plain(s->n_in, s->in) && ranges_are_plain(s->n_out, s->out) &&
           event_pack_knows_schema();
}

/* Tags: field number << 3 | wire type. */
enum { VARINT = 0, FIXED64 = 1, LEN = 2 };
#define TAG(field, type) ((uint32_t)(field) << 3 | (type))

/* All of these write so that what they write ends at p, and return its beginning. A field at its
 * zero value is left out. */

static inline uint8_t *back_varint(uint8_t *p, uint64_t v)
{
    p -= varint_size(v);
    put_varint(p, v);
    return p;
}

static inline uint8_t *back_uint(uint8_t *p, uint32_t tag, uint64_t v)
{
    return v != 0 ? back_varint(back_varint(p, v), tag) : p;
}

/* An enumerator, which is an int32. */
static inline uint8_t *back_enum(uint8_t *p, uint32_t tag, int32_t v)
{
    return back_uint(p, tag, (uint64_t)(int64_t)v);
}

static inline uint8_t *back_sint(uint8_t *p, uint32_t tag, int64_t v)
{
    return back_uint(p, tag, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

/* The head of a message or of bytes that stand between p and end already. */
static inline uint8_t *back_len(uint8_t *p, uint32_t tag, const uint8_t *end)
{
    return back_varint(back_varint(p, (uint64_t)(end - p)), tag);
}

static inline uint8_t *back_bytes(uint8_t *p, uint32_t tag, const ProtobufCBinaryData *bytes)
{
    if (bytes->len == 0)
        return p;
    uint8_t *end = p;
    p -= bytes->len;
    memcpy(p, bytes->data, bytes->len);
    return back_len(p, tag, end);
}

static uint8_t *back_range(uint8_t *p, uint32_t tag, const Reprise__Range *r)
{
    const uint8_t *end = p;
    p = back_enum(p, TAG(6, VARINT), (int32_t)r->kind);
    p = back_bytes(p, TAG(5, LEN), &r->blob);
    if (r->hash != 0) {
        p -= 8;
        put_le64(p, r->hash);
        p = back_varint(p, TAG(4, FIXED64));
    }
    p = back_bytes(p, TAG(3, LEN), &r->data);
    p = back_uint(p, TAG(2, VARINT), r->len);
    p = back_uint(p, TAG(1, VARINT), r->addr);
    return back_len(p, tag, end);
}

static uint8_t *back_ranges(uint8_t *p, uint32_t tag, size_t n, Reprise__Range *const *ranges)
{
    while (n-- > 0)
        p = back_range(p, tag, ranges[n]);
    return p;
}

static uint8_t *back_args(uint8_t *p, uint32_t tag, size_t n, const uint64_t *args)
{
    if (n == 0)
        return p;
    const uint8_t *end = p;
    while (n-- > 0)
        p = back_varint(p, args[n]);
    return back_len(p, tag, end);
}

static uint8_t *back_call(uint8_t *p, const Reprise__Syscall *s)
{
    p = back_uint(p, TAG(17, VARINT), s->shares_memory != 0);
    p = back_uint(p, TAG(16, VARINT), s->unlisted != 0);
    p = back_uint(p, TAG(15, VARINT), s->refused != 0);
    p = back_bytes(p, TAG(14, LEN), &s->xstate);
    p = back_uint(p, TAG(13, VARINT), s->child);
    p = back_bytes(p, TAG(12, LEN), &s->output_data);
    p = back_uint(p, TAG(11, VARINT), s->output);
    p = back_ranges(p, TAG(8, LEN), s->n_out, s->out);
    p = back_ranges(p, TAG(7, LEN), s->n_in, s->in);
    p = back_uint(p, TAG(6, VARINT), s->duration);
    p = back_sint(p, TAG(5, VARINT), s->result);
    p = back_uint(p, TAG(4, VARINT), s->ip);
    p = back_args(p, TAG(3, LEN), s->n_args, s->args);
    p = back_sint(p, TAG(2, VARINT), s->nr);
    return back_enum(p, TAG(1, VARINT), (int32_t)s->phase);
}

/* No less than the bytes that the event takes, its length included. */
static size_t bound_of(const Reprise__Syscall *s)
{
    /* Varints and tags of the event, of the call, and of each range, at their longest. */
    size_t n = 192 + s->n_args * VARINT_MAX + s->output_data.len + s->xstate.len;
    for (size_t i = 0; i < s->n_in; i++)
        n += 80 + s->in[i]->data.len + s->in[i]->blob.len;
    for (size_t i = 0; i < s->n_out; i++)
        n += 80 + s->out[i]->data.len + s->out[i]->blob.len;
    return n;
}

static int pack_call(struct buf *b, const Reprise__Event *event, uint64_t time)
{
    size_t bound = bound_of(event->syscall);
    if (bound > EVENT_MAX)
        return -EMSGSIZE;
    int r = buf_reserve(b, bound);
    if (r < 0)
        return r;
    uint8_t *end = b->data + b->len + bound;
    uint8_t *p = back_call(end, event->syscall);
    p = back_len(p, TAG(3, LEN), end);
    p = back_uint(p, TAG(2, VARINT), time);
    p = back_uint(p, TAG(1, VARINT), event->task);
    p = back_varint(p, (uint64_t)(end - p));
    memmove(b->data + b->len, p, (size_t)(end - p));
    b->len += (size_t)(end - p);
    return 0;
}

int event_pack(struct buf *b, const Reprise__Event *event, uint64_t time)
{
    if (is_plain_call(event))
        return pack_call(b, event, time);
    Reprise__Event e = *event; /* shallow */
    e.time = time;
    if (reprise__event__get_packed_size(&e) > EVENT_MAX)
        return -EMSGSIZE;
    return delimited_append(b, &e.base);
}

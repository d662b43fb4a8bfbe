/* Owns how events become the payload of an EVENTS chunk: packed one behind another, their times as
 * differences. */
#include "format/stream_buf.h"

#include "format/event_pack.h"

#include <assert.h>
#include <errno.h>

int stream_buf_add(struct stream_buf *s, const Reprise__Event *event)
{
    assert(event->time >= s->last_time);
    if (s->raw.cap == 0 && buf_reserve(&s->raw, s->size_hint) < 0)
        return -ENOMEM;
    int r = event_pack(&s->raw, event, s->count > 0 ? event->time - s->last_time : 0);
    if (r < 0)
        return r;
    if (s->count == 0)
        s->base_time = event->time;
    s->last_time = event->time;
    s->count++;
    return 0;
}

struct buf stream_buf_take(struct stream_buf *s, struct chunk_head *ret_head)
{
    *ret_head = (struct chunk_head){
        .kind = CHUNK_EVENTS,
        .stream = s->stream,
        .time = s->base_time,
        .seq = s->seq,
        .count = s->count,
    };
    struct buf raw = s->raw;
    s->size_hint = raw.len < 256u << 10 ? raw.len : 256u << 10;
    s->raw = (struct buf){0};
    s->count = 0;
    s->seq++;
    return raw;
}

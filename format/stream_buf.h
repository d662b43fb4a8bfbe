/* The events of one stream that wait to become a chunk. */
#ifndef REPRISE_FORMAT_STREAM_BUF_H
#define REPRISE_FORMAT_STREAM_BUF_H

#include "base/buf.h"
#include "format/chunk.h"
#include "format/trace.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

/* A chunk of events is cut when it holds this much; small events never make it pass 256 KiB. */
#define EVENTS_RAW_CUT ((256u << 10) - 4096u)

struct stream_buf {
    uint32_t stream;
    uint32_t seq;       /* of the chunk that is being filled */
    uint32_t count;     /* events in it */
    uint32_t born_tick; /* when its first event came, see trace_writer.c */
    uint64_t base_time; /* of its first event */
    uint64_t last_time; /* of the stream's last event */
    size_t size_hint;   /* bytes of the chunk before */
    struct buf raw;
    struct stream_buf *prev, *next; /* in the list of buffers that hold events */
};

/* Appends. 0, -ENOMEM, or -EMSGSIZE for an event larger than EVENT_MAX. */
int stream_buf_add(struct stream_buf *s, const Reprise__Event *event);

static inline bool stream_buf_is_full(const struct stream_buf *s)
{
    return s->raw.len >= EVENTS_RAW_CUT;
}

/* Hands over the payload and its header; s is empty afterwards and stands at its next chunk. */
struct buf stream_buf_take(struct stream_buf *s, struct chunk_head *ret_head);

#endif

/* A growable run of bytes. */
#ifndef REPRISE_BASE_BUF_H
#define REPRISE_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
};

void buf_done(struct buf *b);

/* Makes room for `extra` more bytes behind len. 0, or -ENOMEM with b unchanged. */
int buf_reserve(struct buf *b, size_t extra);

/* Appends; 0 or -ENOMEM with b unchanged. */
int buf_append(struct buf *b, const void *data, size_t len);

/* Drops the content and keeps the memory. */
static inline void buf_clear(struct buf *b)
{
    b->len = 0;
}

#endif

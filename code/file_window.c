/* Owns the reading ahead; what the bytes mean others know. */
#include "code/file_window.h"

#include <string.h>

static bool fill(struct file_window *w, uint64_t offset, size_t len)
{
    uint64_t left = w->file->size - offset;
    size_t n = len > w->ahead ? len : w->ahead;
    n = n < left ? n : (size_t)left;
    w->len = 0;
    if (!w->file->read(w->file->ctx, offset, w->bytes, n))
        return false;
    w->offset = offset;
    w->len = n;
    return true;
}

const uint8_t *file_window_at(struct file_window *w, uint64_t offset, size_t len)
{
    if (len > sizeof w->bytes || offset > w->file->size || len > w->file->size - offset)
        return NULL;
    bool is_there = offset >= w->offset && offset - w->offset <= w->len &&
                    len <= w->len - (size_t)(offset - w->offset);
    if (!is_there && !fill(w, offset, len))
        return NULL;
    return w->bytes + (offset - w->offset);
}

uint16_t file_u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

uint32_t file_u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

uint64_t file_u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

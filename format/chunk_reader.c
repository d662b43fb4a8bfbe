/* Owns the way from bytes of a file to a checked payload. Reads with pread, never mmap: the file
 * may be cut under us. */
#include "format/chunk_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>
#include <zstd.h>

int chunk_reader_init(struct chunk_reader *c, int fd, const char *name)
{
    *c = (struct chunk_reader){.fd = fd, .name = name, .dctx = ZSTD_createDCtx()};
    return c->dctx != NULL ? 0 : -ENOMEM;
}

void chunk_reader_done(struct chunk_reader *c)
{
    if (c == NULL)
        return;
    buf_done(&c->stored);
    ZSTD_freeDCtx(c->dctx);
    *c = (struct chunk_reader){.fd = -1};
}

int chunk_reader_damaged(const struct chunk_reader *c, uint64_t offset, const char *what,
                         struct err *err)
{
    return err_set(err, EBADMSG, "%s is damaged at byte %" PRIu64 ": %s", c->name, offset, what);
}

int chunk_reader_pread(struct chunk_reader *c, uint64_t offset, void *data, size_t len,
                       struct err *err)
{
    size_t got = 0;
    while (got < len) {
        ssize_t n = pread(c->fd, (uint8_t *)data + got, len - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, errno, "cannot read %s", c->name);
        if (n == 0)
            return chunk_reader_damaged(c, offset + got, "it ends here, within a chunk", err);
        got += (size_t)n;
    }
    return 0;
}

static int not_a_chunk(const struct chunk_reader *c, uint64_t offset, struct err *err)
{
    return chunk_reader_damaged(c, offset, "this is not the header of a chunk", err);
}

int chunk_reader_head(struct chunk_reader *c, uint64_t offset, struct chunk_head *ret,
                      struct err *err)
{
    uint8_t head[CHUNK_HEAD_SIZE];
    int r = chunk_reader_pread(c, offset, head, sizeof head, err);
    if (r < 0)
        return r;
    if (chunk_head_decode(head, ret) < 0)
        return not_a_chunk(c, offset, err);
    return 0;
}

int chunk_reader_verify(struct chunk_reader *c, uint64_t offset, struct chunk_head *ret,
                        struct err *err)
{
    buf_clear(&c->stored);
    if (buf_reserve(&c->stored, CHUNK_OVERHEAD) < 0)
        return err_sys(err, ENOMEM, "cannot read %s", c->name);
    int r = chunk_reader_pread(c, offset, c->stored.data, CHUNK_HEAD_SIZE, err);
    if (r < 0)
        return r;
    struct chunk_head head;
    if (chunk_head_decode(c->stored.data, &head) < 0)
        return not_a_chunk(c, offset, err);
    c->stored.len = CHUNK_HEAD_SIZE;
    size_t rest = (size_t)head.stored_len + CHUNK_SUM_SIZE;
    if (buf_reserve(&c->stored, rest) < 0)
        return err_sys(err, ENOMEM, "cannot read %s", c->name);
    r = chunk_reader_pread(c, offset + CHUNK_HEAD_SIZE, c->stored.data + CHUNK_HEAD_SIZE, rest,
                           err);
    if (r < 0)
        return r;
    if (!chunk_sum_ok(c->stored.data, head.stored_len))
        return chunk_reader_damaged(c, offset, "the checksum of the chunk is wrong", err);
    c->stored.len += rest;
    *ret = head;
    return 0;
}

int chunk_reader_load(struct chunk_reader *c, uint64_t offset, struct chunk_head *ret_head,
                      struct buf *raw, struct err *err)
{
    struct chunk_head head;
    int r = chunk_reader_verify(c, offset, &head, err);
    if (r < 0)
        return r;
    buf_clear(raw);
    if (buf_reserve(raw, head.raw_len) < 0)
        return err_sys(err, ENOMEM, "cannot read %s", c->name);
    if (head.raw_len > 0) {
        size_t n = ZSTD_decompressDCtx(c->dctx, raw->data, head.raw_len,
                                       c->stored.data + CHUNK_HEAD_SIZE, head.stored_len);
        if (ZSTD_isError(n) || n != head.raw_len)
            return chunk_reader_damaged(c, offset, "the chunk does not decompress", err);
    } else if (head.stored_len > 0) {
        return chunk_reader_damaged(c, offset, "the chunk does not decompress", err);
    }
    raw->len = head.raw_len;
    *ret_head = head;
    return 0;
}

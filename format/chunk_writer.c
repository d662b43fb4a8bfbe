/* Owns the file while a trace is written: its offset, the compressor and the index. Knows nothing
 * of streams, of blobs' names or of threads. */
#include "format/chunk_writer.h"

#include "format/bytes.h"
#include "format/delimited.h"
#include "format/trace.pb-c.h"
#include "format/trace_reader.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* Room for the chunks that are usual; a larger one gets its own for as long as it takes. */
#define OUT_KEEP ((size_t)1 << 20)

static int write_all(int fd, const uint8_t *data, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, data, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EIO;
        data += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

int chunk_writer_init(struct chunk_writer *c, int fd, int level, int blob_level)
{
    *c = (struct chunk_writer){.fd = fd, .level = level, .blob_level = blob_level};
    c->cctx = ZSTD_createCCtx();
    if (c->cctx == NULL ||
        buf_reserve(&c->out, CHUNK_OVERHEAD + ZSTD_compressBound(OUT_KEEP)) < 0) {
        chunk_writer_done(c);
        return -ENOMEM;
    }
    uint8_t head[FILE_HEAD_SIZE];
    file_head_encode(head, TRACE_FORMAT_VERSION);
    int r = write_all(fd, head, sizeof head, 0);
    if (r < 0) {
        chunk_writer_done(c);
        return r;
    }
    c->offset = FILE_HEAD_SIZE;
    return 0;
}

void chunk_writer_done(struct chunk_writer *c)
{
    if (c == NULL)
        return;
    ZSTD_freeCCtx(c->cctx);
    buf_done(&c->out);
    index_builder_done(&c->index);
    *c = (struct chunk_writer){.fd = -1};
}

/* Compresses into c->out behind the room for the header; sets head->stored_len. */
static int compress_payload(struct chunk_writer *c, struct chunk_head *head, const void *raw)
{
    if (head->raw_len == 0) {
        head->stored_len = 0;
        return 0;
    }
    size_t bound = ZSTD_compressBound(head->raw_len);
    c->out.len = 0;
    int r = buf_reserve(&c->out, CHUNK_OVERHEAD + bound);
    if (r < 0)
        return r;
    int level = head->kind == CHUNK_BLOB ? c->blob_level : c->level;
    size_t n =
        ZSTD_compressCCtx(c->cctx, c->out.data + CHUNK_HEAD_SIZE, bound, raw, head->raw_len, level);
    if (ZSTD_isError(n))
        return -ENOMEM; /* with room for the bound nothing else can go wrong */
    assert(n <= CHUNK_STORED_MAX);
    head->stored_len = (uint32_t)n;
    return 0;
}

/* Whether the file still ends where it was left. What is written behind a hole cannot be found. */
static bool is_as_left(const struct chunk_writer *c)
{
    struct stat st;
    return fstat(c->fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size == c->offset;
}

static int write_chunk(struct chunk_writer *c, struct chunk_head *head, const void *raw)
{
    assert(head->raw_len <= CHUNK_RAW_MAX);
    int r = compress_payload(c, head, raw);
    if (r < 0)
        return r;
    if (!is_as_left(c))
        return -ESTALE;
    chunk_seal(c->out.data, head);
    size_t len = (size_t)chunk_size(head->stored_len);
    r = write_all(c->fd, c->out.data, len, c->offset);
    if (r < 0) {
        /* Should this fail too, the reader still stops at the last whole chunk. */
        if (ftruncate(c->fd, (off_t)c->offset) < 0)
            return r;
        return r;
    }
    c->offset += len;
    c->raw_by_kind[head->kind] += head->raw_len;
    c->stored_by_kind[head->kind] += len;
    if (c->out.cap > 4 * OUT_KEEP) {
        buf_done(&c->out);
        r = buf_reserve(&c->out, CHUNK_OVERHEAD + ZSTD_compressBound(OUT_KEEP));
    }
    return r;
}

/* Writes the INDEX of all chunks since the one before. */
static int write_index(struct chunk_writer *c)
{
    struct buf raw = {0};
    int r = buf_reserve(&raw, VARINT_MAX + c->index.message.len);
    if (r < 0)
        return r;
    raw.len = put_varint(raw.data, c->index.message.len);
    if (c->index.message.len > 0)
        memcpy(raw.data + raw.len, c->index.message.data, c->index.message.len);
    raw.len += c->index.message.len;

    uint64_t offset = c->offset;
    struct chunk_head head = {
        .kind = CHUNK_INDEX,
        .stream = c->index.previous,
        .seq = c->index.seq,
        .count = 1,
        .raw_len = (uint32_t)raw.len,
    };
    r = write_chunk(c, &head, raw.data);
    buf_done(&raw);
    if (r < 0)
        return r;
    index_builder_next(&c->index, offset);
    /* So that the entries of all INDEX chunks together list every chunk but the last two. */
    return index_builder_add(&c->index, &head, offset);
}

static int put(struct chunk_writer *c, struct chunk_head *head, const void *raw)
{
    uint64_t offset = c->offset;
    int r = write_chunk(c, head, raw);
    if (r < 0)
        return r;
    r = index_builder_add(&c->index, head, offset);
    if (r < 0)
        return r;
    return c->index.message.len >= INDEX_RAW_CUT ? write_index(c) : 0;
}

int chunk_writer_put(struct chunk_writer *c, struct chunk_head head, const void *raw)
{
    return put(c, &head, raw);
}

int chunk_writer_put_blobname(struct chunk_writer *c, struct chunk_head head, const void *raw)
{
    size_t pos = 0, len;
    const uint8_t *message;
    int r = delimited_next(raw, head.raw_len, &pos, &message, &len);
    assert(r == 1);
    r = index_builder_add_blob(&c->index, message, len);
    return r < 0 ? r : put(c, &head, raw);
}

int chunk_writer_finish(struct chunk_writer *c)
{
    int r = write_index(c);
    if (r < 0)
        return r;
    struct chunk_head end = {.kind = CHUNK_END, .stream = c->index.previous};
    return write_chunk(c, &end, NULL);
}

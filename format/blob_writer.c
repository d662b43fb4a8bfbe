/* Owns how content becomes a blob: named by its hash, kept once, written in pieces. */
#include "format/bytes.h"
#include "format/trace_writer.h"
#include "format/trace_writer_private.h"

#include <assert.h>
#include <errno.h>
#include <xxhash.h>

typedef ssize_t read_at_fn(void *ctx, uint64_t offset, void *buf, size_t len);

static struct blob_id id_of(XXH128_hash_t hash)
{
    struct blob_id id;
    put_le64(id.bytes, hash.low64);
    put_le64(id.bytes + 8, hash.high64);
    return id;
}

static bool is_known(struct trace_writer *w, const struct blob_id *id)
{
    pthread_mutex_lock(&w->lock);
    bool known = blob_set_has(&w->blob_names, id);
    pthread_mutex_unlock(&w->lock);
    return known;
}

static bool is_size_known(struct trace_writer *w, uint64_t size)
{
    pthread_mutex_lock(&w->lock);
    bool known = blob_set_has_size(&w->blob_names, size);
    pthread_mutex_unlock(&w->lock);
    return known;
}

static uint64_t new_serial(struct trace_writer *w)
{
    pthread_mutex_lock(&w->lock);
    uint64_t serial = ++w->blob_serial;
    pthread_mutex_unlock(&w->lock);
    return serial;
}

/* Hands a piece to the thread; takes over raw. */
static int push_piece(struct trace_writer *w, uint64_t serial, uint32_t seq, struct buf raw)
{
    pthread_mutex_lock(&w->lock);
    int r = trace_writer_wait_room(w);
    if (r == 0)
        r = trace_writer_push(
            w, (struct chunk_head){.kind = CHUNK_BLOB, .stream = serial, .seq = seq}, raw);
    else
        buf_done(&raw);
    pthread_mutex_unlock(&w->lock);
    return r;
}

/* Writes the name behind the pieces. From then on events may use it. */
static int name_blob(struct trace_writer *w, uint64_t serial, uint64_t size,
                     const struct blob_id *id)
{
    struct blob_id bytes = *id;
    Reprise__BlobName name = REPRISE__BLOB_NAME__INIT;
    name.serial = serial;
    name.id = (ProtobufCBinaryData){.len = BLOB_ID_SIZE, .data = bytes.bytes};
    name.size = size;
    int r = trace_writer_message(w, (struct chunk_head){.kind = CHUNK_BLOBNAME, .stream = serial},
                                 &name.base);
    if (r < 0)
        return r;
    pthread_mutex_lock(&w->lock);
    w->blobs++;
    r = blob_set_add(&w->blob_names, id, size, size > BLOB_PIECE);
    pthread_mutex_unlock(&w->lock);
    return r;
}

/* Fills raw with exactly `len` bytes of the content from `offset` on, zeros behind its end. */
static int read_piece(read_at_fn *read_at, void *ctx, uint64_t offset, struct buf *raw, size_t len)
{
    int r = buf_reserve(raw, len);
    if (r < 0)
        return r;
    size_t got = 0;
    while (got < len) {
        ssize_t n = read_at(ctx, offset + got, raw->data + got, len - got);
        if (n < 0)
            return (int)n;
        if (n == 0)
            break;
        assert((size_t)n <= len - got);
        got += (size_t)n;
    }
    if (got < len)
        memset(raw->data + got, 0, len - got);
    raw->len = len;
    return 0;
}

static size_t piece_len(uint64_t size, uint64_t offset)
{
    return size - offset < BLOB_PIECE ? (size_t)(size - offset) : BLOB_PIECE;
}

int trace_writer_blob(struct trace_writer *w, const void *data, size_t len, struct blob_id *ret_id)
{
    assert(w->has_header);
    int r = trace_writer_status(w);
    if (r < 0)
        return r;
    struct blob_id id = id_of(XXH3_128bits(data, len));
    if (is_known(w, &id)) {
        *ret_id = id;
        return 0;
    }
    uint64_t serial = new_serial(w);
    uint32_t seq = 0;
    for (uint64_t offset = 0; offset < len; offset += BLOB_PIECE) {
        struct buf raw = {0};
        r = buf_append(&raw, (const uint8_t *)data + offset, piece_len(len, offset));
        if (r < 0)
            return r;
        r = push_piece(w, serial, seq++, raw);
        if (r < 0)
            return r;
    }
    r = name_blob(w, serial, len, &id);
    if (r < 0)
        return r;
    *ret_id = id;
    return 0;
}

/* Content of at most one piece: read once, and dropped when its name is known. */
static int stream_small(struct trace_writer *w, uint64_t size, read_at_fn *read_at, void *ctx,
                        struct blob_id *ret_id)
{
    struct buf raw = {0};
    int r = read_piece(read_at, ctx, 0, &raw, (size_t)size);
    struct blob_id id = id_of(XXH3_128bits(raw.data, raw.len));
    if (r < 0 || is_known(w, &id)) {
        buf_done(&raw);
    } else {
        uint64_t serial = new_serial(w);
        r = size > 0 ? push_piece(w, serial, 0, raw) : 0;
        if (r == 0)
            r = name_blob(w, serial, size, &id);
    }
    if (r == 0)
        *ret_id = id;
    return r;
}

/* Reads it all only to learn its name. */
static int hash_content(uint64_t size, read_at_fn *read_at, void *ctx, XXH3_state_t *hash,
                        struct blob_id *ret_id)
{
    XXH3_128bits_reset(hash);
    struct buf raw = {0};
    int r = 0;
    for (uint64_t offset = 0; r == 0 && offset < size; offset += BLOB_PIECE) {
        r = read_piece(read_at, ctx, offset, &raw, piece_len(size, offset));
        if (r == 0)
            XXH3_128bits_update(hash, raw.data, raw.len);
        raw.len = 0;
    }
    buf_done(&raw);
    if (r == 0)
        *ret_id = id_of(XXH3_128bits_digest(hash));
    return r;
}

/* Writes the pieces while hashing them. When the name turns out to be known the pieces stay in
 * the file without a name, which readers allow. */
static int stream_pieces(struct trace_writer *w, uint64_t size, read_at_fn *read_at, void *ctx,
                         XXH3_state_t *hash, struct blob_id *ret_id)
{
    uint64_t serial = new_serial(w);
    uint32_t seq = 0;
    XXH3_128bits_reset(hash);
    for (uint64_t offset = 0; offset < size; offset += BLOB_PIECE) {
        struct buf raw = {0};
        int r = read_piece(read_at, ctx, offset, &raw, piece_len(size, offset));
        if (r < 0) {
            buf_done(&raw);
            return r;
        }
        XXH3_128bits_update(hash, raw.data, raw.len);
        r = push_piece(w, serial, seq++, raw);
        if (r < 0)
            return r;
    }
    struct blob_id id = id_of(XXH3_128bits_digest(hash));
    int r = is_known(w, &id) ? 0 : name_blob(w, serial, size, &id);
    if (r == 0)
        *ret_id = id;
    return r;
}

int trace_writer_blob_stream(struct trace_writer *w, uint64_t size,
                             ssize_t (*read_at)(void *ctx, uint64_t offset, void *buf, size_t len),
                             void *ctx, struct blob_id *ret_id)
{
    assert(w->has_header);
    int r = trace_writer_status(w);
    if (r < 0)
        return r;
    if (size <= BLOB_PIECE)
        return stream_small(w, size, read_at, ctx, ret_id);
    XXH3_state_t *hash = XXH3_createState();
    if (hash == NULL)
        return -ENOMEM;
    /* Equal content has equal size: only then is it worth to read twice in order to write never. */
    struct blob_id id;
    bool known = false;
    if (is_size_known(w, size)) {
        r = hash_content(size, read_at, ctx, hash, &id);
        known = r == 0 && is_known(w, &id);
    }
    if (known)
        *ret_id = id;
    else if (r == 0)
        r = stream_pieces(w, size, read_at, ctx, hash, ret_id);
    XXH3_freeState(hash);
    return r;
}

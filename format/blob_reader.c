/* Owns finding a blob and putting its pieces together. */
#include "format/bytes.h"
#include "format/trace_reader.h"
#include "format/trace_reader_private.h"

#include <errno.h>
#include <xxhash.h>

struct trace_blob *trace_reader_find_blob(const struct trace_reader *r, const void *id,
                                          size_t id_len)
{
    if (id_len != BLOB_ID_SIZE)
        return NULL;
    size_t low = 0, high = r->n_blobs;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(r->blobs[mid].id.bytes, id, BLOB_ID_SIZE) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == r->n_blobs || memcmp(r->blobs[low].id.bytes, id, BLOB_ID_SIZE) != 0)
        return NULL;
    return &r->blobs[low];
}

static int no_such_blob(const struct trace_reader *r, struct err *err)
{
    return err_set(err, EBADMSG, "%s is damaged: it lacks a blob that an event names", r->name);
}

int trace_reader_blob_size(struct trace_reader *r, const void *id, size_t id_len,
                           uint64_t *ret_size, struct err *err)
{
    const struct trace_blob *blob = trace_reader_find_blob(r, id, id_len);
    if (blob == NULL)
        return no_such_blob(r, err);
    *ret_size = blob->size;
    return 0;
}

int trace_reader_blob_stored(struct trace_reader *r, const void *id, size_t id_len,
                             uint64_t *ret_serial, uint64_t *ret_stored)
{
    const struct trace_blob *blob = trace_reader_find_blob(r, id, id_len);
    if (blob == NULL)
        return -ENOENT;
    uint64_t stored = 0;
    for (size_t i = trace_reader_find_pieces(r, blob->serial);
         i < r->n_pieces && r->chunks[r->pieces[i]].stream == blob->serial; i++)
        stored += chunk_size(r->chunks[r->pieces[i]].stored_len);
    *ret_serial = blob->serial;
    *ret_stored = stored;
    return 0;
}

static bool is_named(const struct trace_blob *blob, const XXH3_state_t *hash)
{
    XXH128_hash_t got = XXH3_128bits_digest(hash);
    return get_le64(blob->id.bytes) == got.low64 && get_le64(blob->id.bytes + 8) == got.high64;
}

struct blob_walk {
    struct trace_reader *r;
    const struct trace_blob *blob;
    XXH3_state_t *hash;
    struct buf raw;
    int (*sink)(void *ctx, uint64_t offset, const void *data, size_t len);
    void *ctx;
};

static bool is_piece(const struct blob_walk *w, size_t i)
{
    const struct trace_reader *r = w->r;
    return i < r->n_pieces && r->chunks[r->pieces[i]].stream == w->blob->serial;
}

static int walk_pieces(struct blob_walk *w, struct err *err)
{
    struct trace_reader *r = w->r;
    uint64_t offset = 0;
    size_t i = trace_reader_find_pieces(r, w->blob->serial);
    for (uint32_t seq = 0; offset < w->blob->size; seq++, i++) {
        if (!is_piece(w, i) || r->chunks[r->pieces[i]].seq != seq)
            return err_set(err, EBADMSG, "%s is damaged: a blob lacks its piece %u", r->name, seq);
        struct chunk_head head;
        int rc = trace_reader_load(r, r->pieces[i], &head, &w->raw, err);
        if (rc < 0)
            return rc;
        if (w->raw.len == 0 || w->raw.len > w->blob->size - offset)
            return chunk_reader_damaged(&r->in, r->chunks[r->pieces[i]].offset,
                                        "a piece of a blob has a wrong length", err);
        XXH3_128bits_update(w->hash, w->raw.data, w->raw.len);
        rc = w->sink(w->ctx, offset, w->raw.data, w->raw.len);
        if (rc < 0)
            return rc;
        offset += w->raw.len;
    }
    if (is_piece(w, i))
        return chunk_reader_damaged(&r->in, r->chunks[r->pieces[i]].offset,
                                    "a blob has a piece too many", err);
    if (!is_named(w->blob, w->hash))
        return err_set(err, EBADMSG, "%s is damaged: a blob's content does not match its name",
                       r->name);
    return 0;
}

int trace_reader_walk_blob(struct trace_reader *r, struct trace_blob *blob,
                           int (*sink)(void *ctx, uint64_t offset, const void *data, size_t len),
                           void *ctx, struct err *err)
{
    struct blob_walk w = {
        .r = r, .blob = blob, .hash = XXH3_createState(), .sink = sink, .ctx = ctx};
    if (w.hash == NULL)
        return err_sys(err, ENOMEM, "cannot read %s", r->name);
    XXH3_128bits_reset(w.hash);
    int rc = walk_pieces(&w, err);
    if (rc == 0)
        blob->walked = true;
    XXH3_freeState(w.hash);
    buf_done(&w.raw);
    return rc;
}

int trace_reader_blob(struct trace_reader *r, const void *id, size_t id_len,
                      int (*sink)(void *ctx, uint64_t offset, const void *data, size_t len),
                      void *ctx, struct err *err)
{
    struct trace_blob *blob = trace_reader_find_blob(r, id, id_len);
    if (blob == NULL)
        return no_such_blob(r, err);
    return trace_reader_walk_blob(r, blob, sink, ctx, err);
}

/* Owns reading the index at the end of a trace. Believes nothing: the chunks that it lists must
 * tile the file without gap or overlap. */
#include "format/delimited.h"
#include "format/trace_reader_private.h"

#include <errno.h>
#include <stdlib.h>

/* The offsets of all INDEX chunks, the last one first. */
struct index_chain {
    uint64_t *offsets;
    size_t len, cap;
};

static int damaged(struct trace_reader *r, uint64_t offset, struct err *err)
{
    return chunk_reader_damaged(&r->in, offset, "the index is wrong", err);
}

static int chain_push(struct index_chain *chain, uint64_t offset)
{
    if (chain->len == chain->cap) {
        size_t cap = chain->cap > 0 ? chain->cap * 2 : 16;
        uint64_t *offsets = realloc(chain->offsets, cap * sizeof *offsets);
        if (offsets == NULL)
            return -ENOMEM;
        chain->offsets = offsets;
        chain->cap = cap;
    }
    chain->offsets[chain->len++] = offset;
    return 0;
}

/* Follows the INDEX chunks from the last to the first. Each lies before the one after it, so this
 * ends. */
static int find_chain(struct trace_reader *r, uint64_t end_offset, struct chunk_head *end,
                      struct index_chain *chain, struct err *err)
{
    uint64_t before = end_offset;
    for (uint64_t offset = end->stream; offset != 0;) {
        if (offset < FILE_HEAD_SIZE || offset >= before)
            return damaged(r, end_offset, err);
        struct chunk_head head;
        int rc = chunk_reader_head(&r->in, offset, &head, err);
        if (rc < 0)
            return rc;
        if (head.kind != CHUNK_INDEX)
            return damaged(r, offset, err);
        if (chain_push(chain, offset) < 0)
            return err_sys(err, ENOMEM, "cannot read %s", r->name);
        before = offset;
        offset = head.stream;
    }
    return chain->len > 0 ? 0 : damaged(r, end_offset, err);
}

/* Appends the chunks that one INDEX lists; *next is where the next chunk must begin. */
static int add_entries(struct trace_reader *r, const Reprise__Index *index, uint64_t *next)
{
    uint64_t offset = 0, time = 0;
    size_t names = 0;
    for (size_t i = 0; i < index->n_chunks; i++) {
        const Reprise__IndexEntry *e = index->chunks[i];
        struct chunk_head head = {
            .kind = e->kind,
            .stream = e->stream,
            .seq = e->seq,
            .raw_len = e->raw_len,
            .stored_len = e->stored_len,
        };
        offset += e->offset;
        if (offset != *next || head.kind >= CHUNK_END)
            return -EBADMSG;
        if (head.kind == CHUNK_EVENTS)
            head.time = time += e->time;
        int rc = trace_reader_add_chunk(r, &head, offset);
        if (rc < 0)
            return rc;
        *next = offset + chunk_size(head.stored_len);
        names += head.kind == CHUNK_BLOBNAME;
    }
    if (index->n_blobs != names) /* what is kept is bounded by the size of the file */
        return -EBADMSG;
    for (size_t i = 0; i < index->n_blobs; i++) {
        int rc = trace_reader_add_blob(r, index->blobs[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Reads one INDEX, which must list all chunks from *next up to itself. */
static int load_part(struct trace_reader *r, uint64_t offset, uint64_t *next, bool is_last,
                     struct err *err)
{
    struct arena arena;
    arena_init(&arena, MESSAGE_MEMORY_MAX);
    struct buf raw = {0};
    struct chunk_head head;
    size_t pos = 0, len;
    const uint8_t *message;
    int rc = chunk_reader_load(&r->in, offset, &head, &raw, err);
    if (rc < 0)
        goto out;
    rc = -EBADMSG;
    if (delimited_next(raw.data, raw.len, &pos, &message, &len) != 1 || pos != raw.len)
        goto out;
    Reprise__Index *index = reprise__index__unpack(&arena.allocator, len, message);
    if (index == NULL && arena.is_starved)
        rc = -ENOMEM;
    if (index == NULL)
        goto out;
    rc = add_entries(r, index, next);
    if (rc == 0 && *next != offset)
        rc = -EBADMSG;
    if (rc == 0 && is_last) {
        rc = trace_reader_add_chunk(r, &head, offset);
        *next = offset + chunk_size(head.stored_len);
    }
out:
    if (rc == -EBADMSG)
        damaged(r, offset, err);
    else if (rc < 0)
        err_sys(err, -rc, "cannot read %s", r->name);
    buf_done(&raw);
    arena_done(&arena);
    return rc;
}

static int load(struct trace_reader *r, bool *ret_ended, struct index_chain *chain, struct err *err)
{
    struct chunk_head end;
    if (r->size < FILE_HEAD_SIZE + CHUNK_OVERHEAD)
        return -EBADMSG;
    uint64_t end_offset = r->size - CHUNK_OVERHEAD;
    int rc = chunk_reader_verify(&r->in, end_offset, &end, NULL);
    if (rc < 0)
        return rc;
    if (end.kind != CHUNK_END || end.stored_len != 0 || end.raw_len != 0)
        return -EBADMSG;
    *ret_ended = true;
    rc = find_chain(r, end_offset, &end, chain, err);
    uint64_t next = FILE_HEAD_SIZE;
    for (size_t i = chain->len; rc == 0 && i-- > 0;)
        rc = load_part(r, chain->offsets[i], &next, i == 0, err);
    if (rc == 0 && next != end_offset)
        rc = damaged(r, end_offset, err);
    return rc == 0 ? trace_reader_add_chunk(r, &end, end_offset) : rc;
}

int trace_index_load(struct trace_reader *r, bool *ret_ended, struct err *err)
{
    struct index_chain chain = {0};
    *ret_ended = false;
    int rc = load(r, ret_ended, &chain, err);
    free(chain.offsets);
    if (rc < 0)
        trace_reader_clear_lists(r);
    return rc;
}

/* Owns the lists of chunks and blobs of an open trace: filled by trace_index.c or trace_scan.c,
 * then sorted, then searched. */
#include "format/trace_reader_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow(void **items, size_t *cap, size_t len, size_t item_size)
{
    if (len < *cap)
        return 0;
    size_t n = *cap > 0 ? *cap * 2 : 64;
    void *p = reallocarray(*items, n, item_size);
    if (p == NULL)
        return -ENOMEM;
    *items = p;
    *cap = n;
    return 0;
}

int trace_reader_add_chunk(struct trace_reader *r, const struct chunk_head *head, uint64_t offset)
{
    if (head->kind < CHUNK_HEADER || head->kind > CHUNK_END || head->raw_len > CHUNK_RAW_MAX ||
        head->stored_len > CHUNK_STORED_MAX)
        return -EBADMSG;
    if (head->kind == CHUNK_EVENTS && head->stream >= TRACE_ALL_STREAMS)
        return -EBADMSG;
    if (r->n_chunks >= UINT32_MAX)
        return -EBADMSG;
    void *items = r->chunks;
    int rc = grow(&items, &r->cap_chunks, r->n_chunks, sizeof *r->chunks);
    if (rc < 0)
        return rc;
    r->chunks = items;
    Reprise__IndexEntry *e = &r->chunks[r->n_chunks++];
    reprise__index_entry__init(e);
    e->kind = head->kind;
    e->offset = offset;
    e->stream = head->stream;
    e->seq = head->seq;
    e->time = head->time;
    e->stored_len = head->stored_len;
    e->raw_len = head->raw_len;
    return 0;
}

int trace_reader_add_blob(struct trace_reader *r, const Reprise__BlobName *name)
{
    if (name->id.len != BLOB_ID_SIZE || name->size > BLOB_SIZE_MAX)
        return -EBADMSG;
    void *items = r->blobs;
    int rc = grow(&items, &r->cap_blobs, r->n_blobs, sizeof *r->blobs);
    if (rc < 0)
        return rc;
    r->blobs = items;
    struct trace_blob *b = &r->blobs[r->n_blobs++];
    *b = (struct trace_blob){.serial = name->serial, .size = name->size};
    memcpy(b->id.bytes, name->id.data, BLOB_ID_SIZE);
    return 0;
}

void trace_reader_clear_lists(struct trace_reader *r)
{
    r->n_chunks = 0;
    r->n_blobs = 0;
}

static int compare_chunks(const void *a, const void *b, void *chunks)
{
    const Reprise__IndexEntry *x = (const Reprise__IndexEntry *)chunks + *(const uint32_t *)a;
    const Reprise__IndexEntry *y = (const Reprise__IndexEntry *)chunks + *(const uint32_t *)b;
    if (x->stream != y->stream)
        return x->stream < y->stream ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int compare_blobs(const void *a, const void *b)
{
    const struct trace_blob *x = a, *y = b;
    int order = memcmp(&x->id, &y->id, sizeof x->id);
    return order != 0 ? order : (x->serial < y->serial ? -1 : x->serial > y->serial);
}

/* Lists the chunks of one kind by stream and seq. */
static int sort_kind(struct trace_reader *r, uint32_t kind, uint32_t **ret_list, size_t *ret_len)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_chunks; i++)
        n += r->chunks[i].kind == kind;
    uint32_t *list = calloc(n + 1, sizeof *list);
    if (list == NULL)
        return -ENOMEM;
    n = 0;
    for (size_t i = 0; i < r->n_chunks; i++)
        if (r->chunks[i].kind == kind)
            list[n++] = (uint32_t)i;
    qsort_r(list, n, sizeof *list, compare_chunks, r->chunks);
    *ret_list = list;
    *ret_len = n;
    return 0;
}

int trace_reader_sort_lists(struct trace_reader *r, struct err *err)
{
    int rc = sort_kind(r, CHUNK_EVENTS, &r->events, &r->n_events);
    if (rc == 0)
        rc = sort_kind(r, CHUNK_BLOB, &r->pieces, &r->n_pieces);
    r->loaded = calloc(r->n_chunks + 1, sizeof *r->loaded);
    if (r->loaded == NULL)
        rc = -ENOMEM;
    if (rc < 0)
        return err_sys(err, -rc, "cannot read %s", r->name);
    if (r->n_blobs > 0)
        qsort(r->blobs, r->n_blobs, sizeof *r->blobs, compare_blobs);
    return 0;
}

/* First position in a sorted list whose chunk's stream is not less than `stream`. */
static size_t lower_bound(const struct trace_reader *r, const uint32_t *list, size_t len,
                          uint64_t stream)
{
    size_t low = 0, high = len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->chunks[list[mid]].stream < stream)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t trace_reader_find_events(const struct trace_reader *r, uint64_t stream)
{
    return lower_bound(r, r->events, r->n_events, stream);
}

size_t trace_reader_find_pieces(const struct trace_reader *r, uint64_t serial)
{
    return lower_bound(r, r->pieces, r->n_pieces, serial);
}

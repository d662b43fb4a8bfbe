/* Owns finding the chunks of a trace that has no usable index: the recorder was killed, the disk
 * was full, the file was cut. Everything up to the last whole chunk counts. */
#include "format/delimited.h"
#include "format/trace_reader_private.h"

#include <errno.h>

/* After a loss of power a file may end in zeros that were never written. */
static int is_zero_to_the_end(struct trace_reader *r, uint64_t offset, struct err *err)
{
    uint8_t block[4096];
    while (offset < r->size) {
        size_t n = sizeof block;
        if (n > r->size - offset)
            n = (size_t)(r->size - offset);
        int rc = chunk_reader_pread(&r->in, offset, block, n, err);
        if (rc < 0)
            return rc;
        for (size_t i = 0; i < n; i++)
            if (block[i] != 0)
                return 0;
        offset += n;
    }
    return 1;
}

enum step {
    STEP_CHUNK, /* a whole chunk, now in the list */
    STEP_TORN,  /* the file ends within this chunk */
    STEP_FAULT, /* damage, noted in r->fault */
};

/* Damage becomes r->fault, all else an error of the scan. */
static int fault_or_error(struct trace_reader *r, int rc, const struct err *why, struct err *err)
{
    if (rc != -EBADMSG) {
        if (err != NULL && err->code == 0)
            *err = *why;
        return rc;
    }
    if (r->fault.code == 0)
        r->fault = *why;
    return STEP_FAULT;
}

static int add_blob_name(struct trace_reader *r, struct err *err)
{
    struct arena arena;
    arena_init(&arena, MESSAGE_MEMORY_MAX);
    ProtobufCMessage *message;
    int rc = trace_reader_load_message(r, r->n_chunks - 1, &reprise__blob_name__descriptor, &arena,
                                       &message, err);
    if (rc == 0)
        rc = trace_reader_add_blob(r, (const Reprise__BlobName *)message);
    arena_done(&arena);
    return rc;
}

/* Takes the chunk at `offset` into the list. One of enum step, or -errno. */
static int scan_chunk(struct trace_reader *r, uint64_t offset, struct chunk_head *ret,
                      struct err *err)
{
    if (r->size - offset < CHUNK_HEAD_SIZE)
        return STEP_TORN;
    struct err why = {0};
    struct chunk_head head;
    int rc = chunk_reader_head(&r->in, offset, &head, &why);
    if (rc == -EBADMSG) {
        int zero = is_zero_to_the_end(r, offset, err);
        if (zero != 0)
            return zero < 0 ? zero : STEP_TORN;
    }
    if (rc < 0)
        return fault_or_error(r, rc, &why, err);
    if (chunk_size(head.stored_len) > r->size - offset)
        return STEP_TORN;
    rc = chunk_reader_verify(&r->in, offset, &head, &why);
    if (rc < 0)
        return fault_or_error(r, rc, &why, err);
    rc = trace_reader_add_chunk(r, &head, offset);
    if (rc == 0 && head.kind == CHUNK_BLOBNAME)
        rc = add_blob_name(r, &why);
    if (rc == -EBADMSG)
        chunk_reader_damaged(&r->in, offset, "no writer writes such a chunk", &why);
    else if (rc < 0)
        err_sys(&why, -rc, "cannot read %s", r->name);
    if (rc < 0)
        return fault_or_error(r, rc, &why, err);
    *ret = head;
    return STEP_CHUNK;
}

int trace_scan(struct trace_reader *r, struct err *err)
{
    struct chunk_head head = {0};
    uint64_t offset = FILE_HEAD_SIZE;
    r->torn = true;
    r->complete = 0;
    for (;;) {
        if (offset >= r->size)
            return 0;
        int step = scan_chunk(r, offset, &head, err);
        if (step != STEP_CHUNK)
            return step < 0 ? step : 0;
        offset += chunk_size(head.stored_len);
        if (head.kind == CHUNK_EVENTS && head.complete > r->complete)
            r->complete = head.complete;
        if (head.kind == CHUNK_END)
            break;
    }
    r->torn = false;
    r->complete = UINT64_MAX;
    if (offset != r->size)
        chunk_reader_damaged(&r->in, offset, "something follows its end", &r->fault);
    return 0;
}

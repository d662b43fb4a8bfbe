/* The file end of the writer: compresses a payload, writes the chunk with one call, notes it for
 * the index. After a failure the file ends at the last whole chunk. Used by one thread. */
#ifndef REPRISE_FORMAT_CHUNK_WRITER_H
#define REPRISE_FORMAT_CHUNK_WRITER_H

#include "base/buf.h"
#include "format/chunk.h"
#include "format/index_builder.h"

#include <stddef.h>
#include <stdint.h>

struct chunk_writer {
    int fd;
    int level; /* zstd level of what is not a blob */
    int blob_level;
    uint64_t offset; /* end of the last whole chunk */
    void *cctx;      /* ZSTD_CCtx */
    struct buf out;  /* a whole chunk: header, compressed payload, checksum */
    struct index_builder index;
    uint64_t stored_by_kind[CHUNK_END + 1]; /* bytes in the file, headers included */
    uint64_t raw_by_kind[CHUNK_END + 1];
};

/* Allocates and writes the file header. The fd stays the caller's. 0 or -errno. */
int chunk_writer_init(struct chunk_writer *c, int fd, int level, int blob_level);
void chunk_writer_done(struct chunk_writer *c);

/* Writes one chunk; head->raw_len bytes at raw are its content, head->stored_len is set here.
 * 0 or -errno; -ESTALE: somebody else has changed the length of the file, and nothing was written.
 */
int chunk_writer_put(struct chunk_writer *c, struct chunk_head head, const void *raw);

/* As chunk_writer_put for a BLOBNAME chunk, so that the index names the blob. */
int chunk_writer_put_blobname(struct chunk_writer *c, struct chunk_head head, const void *raw);

/* Writes the last INDEX and the END. */
int chunk_writer_finish(struct chunk_writer *c);

#endif

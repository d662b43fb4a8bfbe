/* Reads single chunks of an open trace, checked and decompressed. */
#ifndef REPRISE_FORMAT_CHUNK_READER_H
#define REPRISE_FORMAT_CHUNK_READER_H

#include "base/buf.h"
#include "base/err.h"
#include "format/chunk.h"

#include <stddef.h>
#include <stdint.h>

struct chunk_reader {
    int fd;
    const char *name; /* of the file, for messages */
    struct buf stored;
    void *dctx; /* ZSTD_DCtx */
};

/* `name` must outlive it; the fd stays the caller's. 0 or -ENOMEM. */
int chunk_reader_init(struct chunk_reader *c, int fd, const char *name);
void chunk_reader_done(struct chunk_reader *c);

/* Reads exactly len bytes. -EBADMSG: the file ends before. */
int chunk_reader_pread(struct chunk_reader *c, uint64_t offset, void *data, size_t len,
                       struct err *err);

/* The header alone. */
int chunk_reader_head(struct chunk_reader *c, uint64_t offset, struct chunk_head *ret,
                      struct err *err);

/* Reads a whole chunk into c->stored, checks its checksum, leaves it compressed. */
int chunk_reader_verify(struct chunk_reader *c, uint64_t offset, struct chunk_head *ret,
                        struct err *err);

/* As verify, and replaces the content of raw by the payload. */
int chunk_reader_load(struct chunk_reader *c, uint64_t offset, struct chunk_head *ret_head,
                      struct buf *raw, struct err *err);

/* Notes damage at an offset: -EBADMSG. */
int chunk_reader_damaged(const struct chunk_reader *c, uint64_t offset, const char *what,
                         struct err *err);

#endif

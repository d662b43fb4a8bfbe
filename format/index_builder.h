/* Collects the index of a trace while it is written, packed, so that it costs some ten bytes of
 * memory per chunk. */
#ifndef REPRISE_FORMAT_INDEX_BUILDER_H
#define REPRISE_FORMAT_INDEX_BUILDER_H

#include "base/buf.h"
#include "format/chunk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An INDEX is written when it lists so many bytes, so that memory stays bounded however long the
 * recording runs; each points to the one before. */
#define INDEX_RAW_CUT (512u << 10)

/* Zeroed is empty. */
struct index_builder {
    struct buf message;   /* the fields of a reprise.Index, packed one after another */
    uint64_t last_offset; /* of the chunk noted last */
    uint64_t last_time;   /* of the EVENTS chunk noted last */
    uint64_t previous;    /* offset of the INDEX before, 0: none */
    uint32_t seq;         /* of the next INDEX */
};

void index_builder_done(struct index_builder *b);

/* Notes a chunk. 0 or -ENOMEM. */
int index_builder_add(struct index_builder *b, const struct chunk_head *head, uint64_t offset);

/* Notes a blob: `message` is a packed reprise.BlobName. 0 or -ENOMEM. */
int index_builder_add_blob(struct index_builder *b, const void *message, size_t len);

/* Starts the next INDEX after one was written at `offset`. */
void index_builder_next(struct index_builder *b, uint64_t offset);

#endif

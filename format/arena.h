/* Memory for unpacked messages: handed out by bumping a pointer, given back all at once, bounded
 * whatever a message claims. */
#ifndef REPRISE_FORMAT_ARENA_H
#define REPRISE_FORMAT_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    ProtobufCAllocator allocator; /* to give to protobuf-c; its frees do nothing */
    struct arena_block *blocks;   /* the one in use first */
    size_t used;                  /* of the first block */
    size_t total;                 /* of all blocks together */
    size_t limit;                 /* of total */
    bool is_starved;              /* there was no memory, though the limit was not reached */
};

/* Neither may be moved afterwards. */
void arena_init(struct arena *a, size_t limit);
void arena_done(struct arena *a);

/* Aligned for any type; NULL when the limit is reached or memory is out. */
void *arena_alloc(struct arena *a, size_t size);

/* Takes everything back and keeps one block. */
void arena_reset(struct arena *a);

#endif

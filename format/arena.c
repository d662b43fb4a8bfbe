/* Owns the memory that unpacked messages live in. */
#include "format/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define BLOCK_SIZE ((size_t)64 << 10)
#define KEEP_SIZE  ((size_t)1 << 20) /* a larger block is not kept over a reset */

struct arena_block {
    struct arena_block *next;
    size_t size; /* of data */
    alignas(max_align_t) uint8_t data[];
};

static void *allocate(void *a, size_t size)
{
    return arena_alloc(a, size);
}

static void ignore_free(void *a, void *p)
{
    (void)a;
    (void)p;
}

void arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){
        .allocator = {.alloc = allocate, .free = ignore_free, .allocator_data = a},
        .limit = limit,
    };
}

static void free_blocks(struct arena_block *b)
{
    while (b != NULL) {
        struct arena_block *next = b->next;
        free(b);
        b = next;
    }
}

void arena_done(struct arena *a)
{
    if (a == NULL)
        return;
    free_blocks(a->blocks);
    a->blocks = NULL;
    a->used = a->total = 0;
}

static void *add_block(struct arena *a, size_t size)
{
    size_t n = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    if (n > a->limit || a->total > a->limit - n)
        return NULL;
    struct arena_block *b = malloc(sizeof *b + n);
    if (b == NULL) {
        a->is_starved = true;
        return NULL;
    }
    b->next = a->blocks;
    b->size = n;
    a->blocks = b;
    a->total += n;
    a->used = size;
    return b->data;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > a->limit)
        return NULL;
    size = (size + align - 1) & ~(align - 1);
    if (a->blocks == NULL || size > a->blocks->size - a->used)
        return add_block(a, size);
    void *p = a->blocks->data + a->used;
    a->used += size;
    return p;
}

void arena_reset(struct arena *a)
{
    struct arena_block *b = a->blocks;
    if (b == NULL)
        return;
    free_blocks(b->next);
    b->next = NULL;
    if (b->size > KEEP_SIZE) {
        free(b);
        b = NULL;
    }
    a->blocks = b;
    a->total = b != NULL ? b->size : 0;
    a->used = 0;
}

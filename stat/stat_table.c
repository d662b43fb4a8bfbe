/* Owns the tables of sums: rows by name, found by hash, bounded whatever the trace holds. */
#include "stat/stat_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void stat_table_done(struct stat_table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n; i++)
        free(t->v[i].name);
    free(t->v);
    map64_done(&t->by_hash);
    *t = (struct stat_table){0};
}

static int grow(struct stat_table *t)
{
    if (t->n < t->cap)
        return 0;
    size_t cap = t->cap * 2 + 64;
    struct stat_row *v = reallocarray(t->v, cap, sizeof *v);
    if (v == NULL)
        return -ENOMEM;
    t->v = v;
    t->cap = cap;
    return 0;
}

static struct stat_sums *add_row(struct stat_table *t, uint64_t hash, size_t first,
                                 const void *name, size_t len, const void *owner)
{
    char *copy = malloc(len + 1);
    if (copy == NULL || grow(t) < 0 ||
        map64_put(&t->by_hash, hash, (void *)(uintptr_t)(t->n + 1)) < 0) {
        free(copy);
        return NULL;
    }
    memcpy(copy, name, len);
    copy[len] = '\0';
    struct stat_row *row = &t->v[t->n++];
    *row = (struct stat_row){.name = copy, .name_len = len, .owner = owner, .next = first};
    t->name_bytes += len;
    return &row->sums;
}

struct stat_sums *stat_table_sums(struct stat_table *t, const void *name, size_t len,
                                  const void *owner)
{
    uint64_t hash = XXH3_64bits(name, len) ^ (uint64_t)(uintptr_t)owner;
    size_t first = (size_t)(uintptr_t)map64_get(&t->by_hash, hash);
    for (size_t i = first; i != 0; i = t->v[i - 1].next) {
        struct stat_row *row = &t->v[i - 1];
        if (row->owner == owner && row->name_len == len && memcmp(row->name, name, len) == 0)
            return &row->sums;
    }
    if (t->n >= STAT_NAMES_MAX || len > STAT_BYTES_MAX - t->name_bytes) {
        t->rest_names++;
        return &t->rest;
    }
    return add_row(t, hash, first, name, len, owner);
}

void stat_sums_add(struct stat_sums *to, const struct stat_sums *more)
{
    to->calls += more->calls;
    to->errors += more->errors;
    to->unfinished += more->unfinished;
    to->total_ns += more->total_ns;
    if (more->max_ns > to->max_ns)
        to->max_ns = more->max_ns;
    to->bytes_in += more->bytes_in;
    to->bytes_out += more->bytes_out;
    to->raw += more->raw;
    to->stored += more->stored;
}

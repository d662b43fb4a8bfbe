/* The names of the blobs that a trace has already. Bounded: once full it takes no more, and a
 * blob may then be kept twice. */
#ifndef REPRISE_FORMAT_BLOB_SET_H
#define REPRISE_FORMAT_BLOB_SET_H

#include "base/map64.h"
#include "format/blob_id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOB_SET_MAX ((size_t)512 << 10) /* names: 16 MiB of slots at most */

/* Zeroed is empty. */
struct blob_set {
    struct blob_id *slots; /* all zeros: free */
    size_t cap;            /* power of two, or 0 */
    size_t len;
    struct map64 sizes; /* of blobs of more than one piece */
};

void blob_set_done(struct blob_set *s);
bool blob_set_has(const struct blob_set *s, const struct blob_id *id);

/* Whether a blob of this size is known; asked for sizes of more than one piece. */
bool blob_set_has_size(const struct blob_set *s, uint64_t size);

/* 0, also when full, or -ENOMEM. `many_pieces`: remember the size as well. */
int blob_set_add(struct blob_set *s, const struct blob_id *id, uint64_t size, bool many_pieces);

#endif

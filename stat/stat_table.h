/* Sums by name: calls, errors, times and bytes, or what takes room in the trace. */
#ifndef REPRISE_STAT_STAT_TABLE_H
#define REPRISE_STAT_STAT_TABLE_H

#include "base/map64.h"

#include <stddef.h>
#include <stdint.h>

struct stat_sums {
    uint64_t calls, errors;
    uint64_t unfinished;       /* calls that the trace ends in; they count in `calls`, too */
    uint64_t total_ns, max_ns; /* from entry to exit; of finished calls */
    uint64_t bytes_in, bytes_out;
    uint64_t raw, stored; /* bytes in the trace, before and after compression */
};

struct stat_row {
    char *name; /* NUL-terminated; may hold anything else */
    size_t name_len;
    const void *owner; /* what the row is of, in tables of things that have no unique name */
    size_t next;       /* row with the same hash, plus 1; 0: none */
    struct stat_sums sums;
};

/* Rows stay where they are put until the table is done with; pointers to them do not. */
struct stat_table {
    struct stat_row *v;
    size_t n, cap;
    size_t name_bytes;
    struct map64 by_hash;  /* row, plus 1 */
    struct stat_sums rest; /* of names beyond STAT_NAMES_MAX and STAT_BYTES_MAX */
    uint64_t rest_names;   /* additions that went there */
};

#define STAT_NAMES_MAX ((size_t)200000)
#define STAT_BYTES_MAX ((size_t)64 << 20)

void stat_table_done(struct stat_table *t);

/* The sums of a name, made if it is new, or t->rest. Valid until the next call. NULL: no memory. */
struct stat_sums *stat_table_sums(struct stat_table *t, const void *name, size_t len,
                                  const void *owner);

void stat_sums_add(struct stat_sums *to, const struct stat_sums *more);

#endif

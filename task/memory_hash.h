/* A hash of all memory that a process can write, for the comparison of two runs of a program.
 *
 * It is a sum over the pages that are not all zero, of XXH3-128 of each with its address as seed:
 * so a page that was never touched equals a page of zeros, and how mappings are cut up does not
 * matter. */
#ifndef REPRISE_TASK_MEMORY_HASH_H
#define REPRISE_TASK_MEMORY_HASH_H

#include "task/memory_watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory_hash {
    uint64_t low, high; /* sums modulo 2^64 */
    uint64_t pages;     /* that are not all zero */
};

/* Bytes that are taken for zeros, whatever they are. */
struct memory_span {
    uint64_t addr, len;
};

/* Hashes the memory of a stopped process. With a watch, which may be NULL, that is on, pages that
 * were not written since the last time are not read. 0 or -errno. */
int memory_hash_take(pid_t tid, const struct memory_span *dead, size_t n_dead,
                     struct memory_watch *watch, struct memory_hash *ret);
bool memory_hash_equal(const struct memory_hash *a, const struct memory_hash *b);

/* XXH3-64 of the page at addr, a multiple of 4096. 0 or -errno. */
int memory_hash_page(pid_t tid, uint64_t addr, const struct memory_span *dead, size_t n_dead,
                     uint64_t *ret);

#endif

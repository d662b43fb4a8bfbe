/* A bound for what this process may allocate: beyond it malloc(3) fails. */
#ifndef REPRISE_BASE_HEAP_LIMIT_H
#define REPRISE_BASE_HEAP_LIMIT_H

#include <stdint.h>
#include <sys/resource.h>

/* Sets it, unless there is a lower one, by the soft RLIMIT_DATA (setrlimit(2)), which children
 * inherit. *ret_old: what was there; may be NULL. Does nothing under AddressSanitizer, which
 * reserves terabytes. */
void heap_limit_set(uint64_t bytes, struct rlimit *ret_old);
void heap_limit_restore(const struct rlimit *old);

#endif

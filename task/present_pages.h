/* Which pages of a range a process has: present or swapped out. All others of anonymous memory
 * are zero. */
#ifndef REPRISE_TASK_PRESENT_PAGES_H
#define REPRISE_TASK_PRESENT_PAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Opens /proc/PID/pagemap. A descriptor or -errno. */
int present_pages_open(pid_t tid);
/* Whether the kernel has PAGEMAP_SCAN; without it, page by page is looked at. */
bool present_pages_can_scan(int pagemap);
/* Hands each run of such pages within [start, end), in order, to `found`, whose negative return
 * ends the walk and is passed on. Costs what is there, not what is reserved, where the kernel has
 * PAGEMAP_SCAN (Documentation/admin-guide/mm/pagemap.rst). 0 or -errno. */
int present_pages_scan(int pagemap, uint64_t start, uint64_t end,
                       int (*found)(void *ctx, uint64_t start, uint64_t end), void *ctx);
/* The same for one mapping that is watched for writes (memory_watch.h): tells of each run whether
 * it may have been written since the last such scan, and watches all of it anew. -EPERM: it is not
 * watched; else after an error it is not known any more what was written. */
int present_pages_scan_written(int pagemap, uint64_t start, uint64_t end,
                               int (*found)(void *ctx, uint64_t start, uint64_t end, bool written),
                               void *ctx);

#endif

/* Which pages of a range a process has: present or swapped out. All others of anonymous memory
 * are zero. */
#ifndef REPRISE_TASK_PRESENT_PAGES_H
#define REPRISE_TASK_PRESENT_PAGES_H

#include <stdint.h>
#include <sys/types.h>

/* Opens /proc/PID/pagemap. A descriptor or -errno. */
int present_pages_open(pid_t tid);
/* Hands each run of such pages within [start, end), in order, to `found`, whose negative return
 * ends the walk and is passed on. Costs what is there, not what is reserved, where the kernel has
 * PAGEMAP_SCAN (Documentation/admin-guide/mm/pagemap.rst). 0 or -errno. */
int present_pages_scan(int pagemap, uint64_t start, uint64_t end,
                       int (*found)(void *ctx, uint64_t start, uint64_t end), void *ctx);

#endif

/* Which pages of an address space were written since they were last hashed, and the hashes of the
 * others, so that memory_hash_take() need not read them again.
 *
 * The kernel tells by userfaultfd in its asynchronous write-protect mode (since Linux 6.7;
 * Documentation/admin-guide/mm/pagemap.rst): the first write to a watched page costs the task a
 * fault, about what it costs to hash the page. So only memory that is large, and mostly unchanged
 * from one hash to the next, is watched. Watched mappings do not merge with others: a range that
 * the program took for one mapping may be several, which only mremap(2) minds.
 *
 * Whoever drives the task asks memory_watch_is_wanted() before a hash, makes the task call
 * userfaultfd(MEMORY_WATCH_FLAGS), and hands the descriptor over. All functions take NULL. */
#ifndef REPRISE_TASK_MEMORY_WATCH_H
#define REPRISE_TASK_MEMORY_WATCH_H

#include "task/known_pages.h"
#include "task/maps.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MEMORY_WATCH_FLAGS (O_CLOEXEC | UFFD_USER_MODE_ONLY)

struct memory_watch;

/* can_watch: false where nothing is ever to be watched (machine.h). NULL without memory: then
 * nothing is, either. */
struct memory_watch *memory_watch_new(bool can_watch);
struct memory_watch *memory_watch_ref(struct memory_watch *w);
void memory_watch_unref(struct memory_watch *w);

/* Whether hashes of the address space, which is that of task `tid`, would be the cheaper for it. */
bool memory_watch_is_wanted(const struct memory_watch *w, pid_t tid);
/* Starts, with a fresh userfaultfd of the address space, which becomes the watch's. Negative: there
 * is none to be had, and none will be wanted again. */
void memory_watch_start(struct memory_watch *w, int uffd);
bool memory_watch_is_on(const struct memory_watch *w);
/* Whether it is on, and the last hash was the first, which read all: the next will cost less. */
bool memory_watch_has_begun(const struct memory_watch *w);
/* Gives all mappings back as they were, and forgets all. Before mremap. It may start again. */
void memory_watch_stop(struct memory_watch *w);
/* Something wrote to the range past the page tables: by an address that it was told earlier, as
 * direct I/O does. */
void memory_watch_forget(struct memory_watch *w, uint64_t addr, uint64_t len);

/* ---- for memory_hash.c ---- */

/* Whether a mapping is of the kind that is worth to be watched. */
bool memory_watch_fits(const struct map *m);
/* Begins to watch a mapping. 0 or -errno. */
int memory_watch_map(struct memory_watch *w, const struct map *m);
struct known_pages *memory_watch_pages(struct memory_watch *w);
/* A hash was taken: of `there` pages in mappings that fit, so many had to be read. */
void memory_watch_note_hash(struct memory_watch *w, uint64_t there, uint64_t read);
/* What was noted last, for tests. */
uint64_t memory_watch_last_read(const struct memory_watch *w);

#endif

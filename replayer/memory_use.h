/* How much memory a replay takes: what the replayed tasks have by themselves, the memory files that
 * they map, and the replayer.
 *
 * What is mapped says nothing of that: Go, Java and the sanitizers reserve terabytes and touch
 * little, and a program touches without any event. So the kernel is asked, now and then. */
#ifndef REPRISE_REPLAYER_MEMORY_USE_H
#define REPRISE_REPLAYER_MEMORY_USE_H

#include "base/map64.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct replayer;

struct memory_use {
    bool no_proc;      /* there is none to ask: the peaks of tasks count, as wait4(2) tells them */
    uint64_t peak;     /* then: of the task that has made the last real call */
    struct map64 left; /* struct left_file by inode */
};

void memory_use_begin(struct memory_use *u);
void memory_use_done(struct memory_use *u);

/* In bytes, quickly: what processes share since one forked counts for each, and files that were
 * closed count as long as nobody looked whether they are mapped. Never too little, but for what the
 * kernel keeps of processes beside page tables and mappings. Without /proc it makes each task run a
 * call that does nothing: all have to be stopped, and what came with the stop to be known. */
uint64_t memory_use_at_most(struct replayer *r);
/* The same, at the cost of a walk over all page tables: what is shared counts once. */
uint64_t memory_use_exact(struct replayer *r);

/* A memory file of the tasks is about to be closed. */
void memory_use_leave(struct replayer *r, int fd);
/* Memory of the stopped task that may be shared and of no file is about to be unmapped or dropped:
 * its pages are there as long as a part of it is mapped anywhere. */
void memory_use_hide(struct replayer *r, pid_t pid, uint64_t addr, uint64_t len);

#endif

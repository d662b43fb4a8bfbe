/* The files in memory that replayed tasks map, and the descriptors by which they do.
 *
 * Replayed tasks share one table of descriptors, which is not the replayer's: there is nothing in
 * it but memory files, each passed over a socket when it is first needed there. */
#ifndef REPRISE_REPLAYER_MEMORY_FILES_H
#define REPRISE_REPLAYER_MEMORY_FILES_H

#include "replayer/replay_state.h"

/* A new, empty one; *ret_fd is the replayer's descriptor. 0, or -errno noted in err ... */
int memory_file_new(struct replayer *r, const char *name, int *ret_fd);
/* ... or not. */
int memory_file_try(struct replayer *r, const char *name, int *ret_fd);
/* The same file's descriptor in all replayed tasks, or -errno noted in err. */
int memory_file_in_tasks(struct replayer *r, int fd);
/* Closes it here and there. What is mapped stays. */
void memory_file_close(struct replayer *r, int fd);
void memory_files_done(struct replayer *r);

#endif

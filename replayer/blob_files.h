/* Content of the trace as memory files that replayed tasks can map. */
#ifndef REPRISE_REPLAYER_BLOB_FILES_H
#define REPRISE_REPLAYER_BLOB_FILES_H

#include "replayer/replay_state.h"

/* A descriptor, shared with all tasks, of a memory file with the blob's content. Made once; it
 * stays the replayer's and may be closed by the next call. 0 or -errno noted in err. */
int blob_files_get(struct replayer *r, const ProtobufCBinaryData *id, int *ret_fd);
/* The memory file behind a shared object of the trace; empty at first. */
int blob_files_object(struct replayer *r, uint64_t object, int *ret_fd);
/* Sets its size. */
int blob_files_resize(struct replayer *r, uint64_t object, uint64_t size);
/* An empty memory file: any access to a mapping of it raises SIGBUS. */
int blob_files_empty(struct replayer *r, int *ret_fd);
/* Closes the files of blobs: what no task has mapped is freed. They are made anew if need be. */
void blob_files_drop(struct replayer *r);
void blob_files_done(struct replayer *r);

/* Writes a range's content to a task, or to a file at an offset (pid 0). */
int range_write(struct replayer *r, const Reprise__Range *range, pid_t pid, int fd, uint64_t at);

#endif

/* The content of a blob as a file in memory, for a process that is to look into it. */
#ifndef REPRISE_FORMAT_BLOB_MEMORY_H
#define REPRISE_FORMAT_BLOB_MEMORY_H

#include "format/trace_reader.h"

/* A descriptor in *ret_fd, the caller's, of a file of *ret_size bytes, which are 1 to `max`. 0, or
 * -errno: -ENOMEM, or the content cannot be had (-EBADMSG: missing, or damaged; -EFBIG:
 * larger, or empty). */
int blob_memory(struct trace_reader *r, const void *id, size_t id_len, uint64_t max, int *ret_fd,
                uint64_t *ret_size);

#endif

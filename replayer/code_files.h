/* Copies of mapped code in which syscall instructions are redirected to the fast stub.
 *
 * The change moves nothing (task/redirect.h), and one copy serves all tasks that map it, at any
 * address. */
#ifndef REPRISE_REPLAYER_CODE_FILES_H
#define REPRISE_REPLAYER_CODE_FILES_H

#include "replayer/replay_state.h"

struct code_file;

/* The code that a mapping maps privately from a blob, whole, but for content of its own that is
 * included then. NULL: it is not to be changed. */
struct code_file *code_files_get(struct replayer *r, const Reprise__Mapping *m);
void code_files_done(struct replayer *r);

/* The memory file with the changed copy, to be mapped from its beginning; -1: nothing was changed
 * yet. It changes under those who have it mapped privately. */
int code_file_fd(const struct code_file *f);
/* The memory file with the code as it was, and where in it. 0, or -errno noted in the replayer's
 * err. */
int code_file_original(struct replayer *r, const struct code_file *f, int *ret_fd,
                       uint64_t *ret_offset);

/* A call of this number came by a stop, its instruction ending at `offset`. True: it is redirected
 * in the copy, now or since some time. */
bool code_file_hit(struct replayer *r, struct code_file *f, uint64_t offset, int64_t nr);

/* In bytes of the copy from `offset` on: puts those of the original. */
void code_file_undo(const struct code_file *f, uint64_t offset, uint8_t *bytes, uint64_t len);

#endif

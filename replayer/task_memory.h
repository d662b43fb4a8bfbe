/* Writes to the memory of replayed tasks. */
#ifndef REPRISE_REPLAYER_TASK_MEMORY_H
#define REPRISE_REPLAYER_TASK_MEMORY_H

#include "replayer/replay_state.h"
#include "task/code_stop.h"

/* 0, or -EBADMSG, noted in the replayer's err, if the stretch meets pages that are the replayer's.
 */
int task_memory_check(struct replayer *r, uint64_t addr, uint64_t len);
/* Writes all of it, also into read-only pages. 0; -EBADMSG as above; or -errno.
 */
int task_memory_write(struct replayer *r, pid_t pid, uint64_t addr, const void *src, size_t len);
/* The same for what stops the task at an instruction; to be taken away by code_stop_clear(). */
int task_memory_stop_at(struct replayer *r, pid_t pid, enum code_stop_kind kind, uint64_t addr,
                        struct code_stop *ret);

#endif

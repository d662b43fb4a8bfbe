/* Fresh processes for replayed tasks. */
#ifndef REPRISE_REPLAYER_ZYGOTE_H
#define REPRISE_REPLAYER_ZYGOTE_H

#include "replayer/replay_state.h"

/* Makes the process that all others are made from: nothing mapped but the stub, rdtsc and cpuid
 * trapping, in a sandbox (sandbox.h). */
int zygote_start(struct replayer *r);
void zygote_end(struct replayer *r);
/* Makes another one of it, stopped. */
int zygote_fork(struct replayer *r, pid_t *ret_pid);
/* Makes a copy of a task (with the memory shared, if so), stopped at the stub. */
int zygote_clone(struct replayer *r, pid_t pid, bool share_memory, pid_t *ret_pid);
/* Runs one syscall in a stopped replayed task. Returns its result. */
int64_t zygote_call(struct replayer *r, pid_t pid, int64_t nr, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t d, uint64_t e, uint64_t f);
void zygote_kill(pid_t pid);

#endif

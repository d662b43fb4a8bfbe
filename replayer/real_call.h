/* Calls that a replayed task really makes, because the replayer wants them. */
#ifndef REPRISE_REPLAYER_REAL_CALL_H
#define REPRISE_REPLAYER_REAL_CALL_H

#include "replayer/replay_state.h"

/* `syscall; int3`, as it stands at STUB_ADDR in each replayed task. */
extern const uint8_t real_call_code[8];

struct real_call {
    int64_t nr;
    uint64_t args[6];
};

/* Makes the stopped task run one call by the code at STUB_ADDR, and restores its registers; signals
 * that come meanwhile are lost. 0 with the call's result (-errno style) in *ret_result and, unless
 * ret_child is NULL, the process it made, stopped, in *ret_child (0: none). Else -errno, noted in
 * the replayer's err: the call was not run, and this replay is over. Pages of the replayer's are
 * not to be changed so: -EPERM. */
int real_call_make(struct replayer *r, pid_t pid, const struct real_call *call, int64_t *ret_result,
                   pid_t *ret_child);

#endif

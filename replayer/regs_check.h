/* Which registers a replayed task may be given. */
#ifndef REPRISE_REPLAYER_REGS_CHECK_H
#define REPRISE_REPLAYER_REGS_CHECK_H

#include "replayer/replay_state.h"

/* Clears the flags that no program can set. 0; or -EBADMSG, noted in the replayer's err, for
 * registers of other code than a program's own of 64 bits. */
int regs_check(struct replayer *r, struct user_regs_struct *regs);

#endif

/* The check of each call against the trace. */
#ifndef REPRISE_REPLAYER_VERIFY_H
#define REPRISE_REPLAYER_VERIFY_H

#include "replayer/replay_state.h"

/* The task has arrived somewhere: it must be this call, with these arguments, from this place,
 * handing over these bytes. Keeps the bytes for the output. 0, or -EILSEQ with the difference. */
int verify_call(struct replayer *r, struct rtask *t, const Reprise__Syscall *s);
/* It must be a fault of this signal at this address. */
int verify_fault(struct replayer *r, struct rtask *t, uint32_t signo, uint64_t ip);

#endif

/* What the trace has to do with how a replay ended. */
#ifndef REPRISE_REPLAYER_VERDICT_H
#define REPRISE_REPLAYER_VERDICT_H

#include "replayer/replayer.h"

/* A replay has ended with `end`, 0 or -errno: returns how it is to be judged. Where the trace is
 * damaged that is -EBADMSG, and err tells what is wrong with it and how much was replayed: what is
 * missing is the cause also of a divergence, and a replay of less than the whole is no success. */
int verdict_on_trace(struct trace_reader *trace, const struct replayer_result *result, int end,
                     struct err *err);

#endif

/* Calls of one task that follow each other and that the task can replay by itself. */
#ifndef REPRISE_REPLAYER_BATCH_H
#define REPRISE_REPLAYER_BATCH_H

#include "replayer/replay_state.h"

/* Maps the queue where tasks look for it (see fast_stub.h); tasks made from now on have it. 0 or
 * -errno. */
int batch_open(struct replayer *r);
void batch_close(struct replayer *r);

/* Takes the event, which has to stay valid until the batch is run, unless it is none of the kind
 * or follows none of the same task. */
bool batch_take(struct replayer *r, const struct trace_event *event);

/* Runs the task until it has made all calls that were taken; `next` is the event behind them, NULL
 * at the end. 0, or -errno noted in the replayer's err. r->at is undefined afterwards. */
int batch_run(struct replayer *r, const struct trace_event *next);

/* Of a task that has just stopped in the stub: where it makes its call, behind the instruction. */
uint64_t batch_slow_ip(const struct replayer *r);

#endif

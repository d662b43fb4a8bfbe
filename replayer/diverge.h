/* The report of a divergence, and of an event that never was. */
#ifndef REPRISE_REPLAYER_DIVERGE_H
#define REPRISE_REPLAYER_DIVERGE_H

#include "replayer/replay_state.h"

/* Notes what was expected and what came, with event, task and place. Returns -EILSEQ. */
int diverge(struct replayer *r, const struct rtask *t, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Notes what no recorder writes into the event at hand. Returns -EBADMSG. */
int is_damaged(struct replayer *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

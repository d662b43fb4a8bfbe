/* Who read the bytes that were written into a pipe or a connection, by counting bytes. */
#ifndef REPRISE_EXPORT_TRAFFIC_H
#define REPRISE_EXPORT_TRAFFIC_H

#include "base/map64.h"
#include "export/conversations.h"
#include "export/links.h"

struct traffic {
    int (*emit)(void *ctx, const struct link *link);
    void *ctx;
    const struct conversations *conversations;
    struct map64 channels; /* one way of a pipe or connection: struct channel */
    size_t n_spans;        /* under way in all of them */
};

void traffic_done(struct traffic *t);

/* Takes in a call that is done. 0, -ENOMEM, or what `emit` returned. */
int traffic_event(struct traffic *t, const struct trace_view *view, const struct walk_event *event);

#endif

/* Finds the blobs that an event names. */
#ifndef REPRISE_FORMAT_EVENT_BLOBS_H
#define REPRISE_FORMAT_EVENT_BLOBS_H

#include "format/trace.pb-c.h"

/* Calls `visit` for each name, in order, until it returns other than 0; returns that. */
int event_blobs_visit(const Reprise__Event *event,
                      int (*visit)(void *ctx, const ProtobufCBinaryData *id), void *ctx);

#endif

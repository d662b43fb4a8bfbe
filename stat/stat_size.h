/* What takes room in a trace. */
#ifndef REPRISE_STAT_STAT_SIZE_H
#define REPRISE_STAT_STAT_SIZE_H

#include "decode/trace_walk.h"
#include "format/trace_reader.h"
#include "stat/stat_table.h"

struct stat_size {
    struct trace_reader *reader;
    struct stat_table *table;
    struct map64 seen;  /* serial numbers of blobs that an event has named */
    uint64_t event_raw; /* bytes of all events that were counted */
    uint64_t blob_stored;
};

/* Counts an event: its own bytes, and the blobs that it is the first to name. 0 or -ENOMEM. */
int stat_size_event(struct stat_size *s, const struct walk_event *event);

/* After the last event: what is left of the file, and each event's share in the compressed
 * size. */
int stat_size_finish(struct stat_size *s);
void stat_size_done(struct stat_size *s);

#endif

/* Traces in memory, taken apart: what is changed, and what changes are taken from. */
#ifndef REPRISE_TESTS_ADVERSARY_SPECIMEN_H
#define REPRISE_TESTS_ADVERSARY_SPECIMEN_H

#include "base/buf.h"
#include "format/arena.h"
#include "format/blob_id.h"
#include "format/chunk.h"
#include "format/trace.pb-c.h"

#include <stddef.h>
#include <stdint.h>

struct draft_event {
    Reprise__Event *event; /* its time is absolute */
    uint32_t stream;
};

/* A chunk of a blob, as it was. */
struct blob_chunk {
    struct chunk_head head;
    struct buf raw;
};

struct specimen {
    const char *name;
    struct arena arena; /* all messages live here */
    Reprise__Header *header;
    Reprise__Summary *summary; /* NULL: the trace was torn */
    struct draft_event *events;
    size_t n_events;
    struct blob_chunk *blobs;
    size_t n_blobs;
    struct blob_id *blob_ids;
    size_t n_blob_ids;
    uint64_t *places; /* addresses that mean something in it */
    size_t n_places;
};

/* Reads a trace; what is wrong with it ends the program. */
void specimen_read(const char *path, struct specimen *ret);

enum blob_change { BLOBS_AS_THEY_WERE, BLOB_LEFT_OUT, BLOB_TWICE, BLOB_OTHERWISE };

/* What is made of a specimen: blobs and, where nothing was changed, messages are the specimen's. */
struct draft {
    const struct specimen *origin;
    struct arena *arena; /* of what is new */
    Reprise__Header *header;
    Reprise__Summary *summary;
    struct draft_event *events;
    size_t n_events, cap;
    enum blob_change blob_change; /* of one of its chunks, content or name ... */
    size_t blob_chunk;
    uint64_t
        blob_value; /* ... BLOB_OTHERWISE: a name tells this size, content differs at this place */
};

/* The draft that equals the specimen, in an arena that was just reset. */
void draft_begin(struct draft *d, const struct specimen *s, struct arena *arena);
void draft_insert(struct draft *d, size_t at, struct draft_event e);
void draft_remove(struct draft *d, size_t at);

/* A copy of a message, to be changed. NULL: it is too large. */
ProtobufCMessage *draft_copy(struct draft *d, const ProtobufCMessage *message);

/* Replaces the content of a file by the trace, all checksums right. False: a message of it is
 * larger than messages may be. */
bool draft_write(const struct draft *d, int fd);

#endif

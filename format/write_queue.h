/* Chunks on their way to the writer thread, in order. Not locked: the owner does that. */
#ifndef REPRISE_FORMAT_WRITE_QUEUE_H
#define REPRISE_FORMAT_WRITE_QUEUE_H

#include "base/buf.h"
#include "format/chunk.h"

#include <stddef.h>

struct write_job {
    struct chunk_head head; /* stored_len is not known yet */
    struct buf raw;
    struct write_job *next;
};

/* Zeroed is empty. */
struct write_queue {
    struct write_job *first, *last;
    size_t bytes;    /* of memory that the jobs hold */
    uint64_t pushed; /* jobs ever */
};

/* Takes over raw, also on failure. 0 or -ENOMEM. */
int write_queue_push(struct write_queue *q, struct chunk_head head, struct buf raw);

/* The first job, which still counts in q->bytes until its owner takes that off; NULL: empty. */
struct write_job *write_queue_pop(struct write_queue *q);

void write_job_free(struct write_job *job);
void write_queue_done(struct write_queue *q);

#endif

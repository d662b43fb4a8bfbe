/* Shared by the files that make up the writer: trace_writer.c, writer_thread.c, blob_writer.c. */
#ifndef REPRISE_FORMAT_TRACE_WRITER_PRIVATE_H
#define REPRISE_FORMAT_TRACE_WRITER_PRIVATE_H

#include "base/map64.h"
#include "format/blob_set.h"
#include "format/chunk_writer.h"
#include "format/stream_buf.h"
#include "format/trace_writer.h"
#include "format/write_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* A blob is stored in pieces of this size, the last one shorter. */
#define BLOB_PIECE ((size_t)1 << 20)

struct trace_writer {
    pthread_mutex_t lock; /* over all that follows, except where said */
    pthread_cond_t work;  /* for the thread: a job, an event in an empty writer, or stop */
    pthread_cond_t done;  /* for callers: a job was written, or writing failed */
    pthread_t thread;     /* constant */
    pid_t pid;            /* constant: tells a forked child, which has no writer thread */

    int fd, level, blob_level; /* constant: for chunk_writer_init */
    size_t queue_bytes;        /* constant: bound of queue.bytes */
    struct write_queue queue;
    uint64_t jobs_done;
    bool begun;         /* the file header is written */
    bool stop;          /* the thread ends when the queue is empty */
    bool abandoned;     /* nothing more is written */
    _Atomic int status; /* 0, or the -errno that stopped the writing; read without the lock */

    struct map64 streams;                      /* struct stream_buf by stream, or ENDED_STREAM */
    struct stream_buf *last_stream;            /* that of the last event, to skip the look-up */
    struct stream_buf *open_first, *open_last; /* buffers that hold events, by base time */
    uint64_t last_time;                        /* of all events */
    size_t open_bytes;                         /* their lengths together */
    uint32_t tick;                             /* see writer_thread.c */

    struct blob_set blob_names;
    uint64_t blob_serial; /* of the last blob begun */
    bool has_header;
    uint64_t events, blobs;

    struct chunk_writer out; /* the thread's own; no lock */
};

void *writer_thread_main(void *writer);

/* Both are called with the lock held. */

/* Waits until the queue has room: 0, or the status. */
int trace_writer_wait_room(struct trace_writer *w);
/* Hands a chunk to the thread; takes over raw, also on failure. */
int trace_writer_push(struct trace_writer *w, struct chunk_head head, struct buf raw);
/* Makes a chunk of what a stream holds. */
int trace_writer_cut(struct trace_writer *w, struct stream_buf *s);

/* Makes a chunk of one message and hands it to the thread. Takes the lock. */
int trace_writer_message(struct trace_writer *w, struct chunk_head head,
                         const ProtobufCMessage *message);

#endif

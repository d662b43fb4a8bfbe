/* Writes a trace file: packs events into per-stream chunks, keeps each blob once, compresses and
 * writes on a thread of its own. Knows nothing of ptrace or of what the events mean.
 *
 * Events and blobs may be given from several threads at once. The file is whole up to the last
 * chunk whatever dies: each chunk is written with one call. */
#ifndef REPRISE_FORMAT_TRACE_WRITER_H
#define REPRISE_FORMAT_TRACE_WRITER_H

#include "base/err.h"
#include "format/blob_id.h"
#include "format/trace.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct trace_writer;

struct trace_writer_options {
    int fd;             /* open for writing at offset 0; stays the caller's */
    int level;          /* zstd level; 0: the default */
    size_t queue_bytes; /* bound of what waits for the writer thread; 0: the default (24 MiB) */
};

struct trace_writer_stats {
    uint64_t events;
    uint64_t event_bytes_raw, event_bytes_stored; /* EVENTS chunks */
    uint64_t blobs;
    uint64_t blob_bytes_raw, blob_bytes_stored; /* BLOB chunks */
    uint64_t file_bytes;
};

/* Starts the file and its thread. The writer is ready when this returns; the file header is
 * written by then, so that a reader can tell a trace.
 * The thread blocks all signals, so that a file grown too large is -EFBIG and no SIGXFSZ. It
 * inherits the caller's CPU set: a caller that pins itself does so afterwards, or compression
 * will share its core. */
int trace_writer_open(const struct trace_writer_options *options, struct trace_writer **ret,
                      struct err *err);

/* Writes the HEADER chunk. Once, before the first event. */
int trace_writer_header(struct trace_writer *w, const Reprise__Header *header);

/* Appends an event to a stream; `event->time` is in ns since the recording began and never less
 * than that of the stream's previous event. Blobs that the event names must have been given
 * before. Copies what it needs. Waits while the queue is full. 0, or -errno once writing has
 * failed (-ENOSPC, -EFBIG, -EIO ...): from then on every call returns that error at once, and
 * the file is whole up to the last chunk before. -EMSGSIZE: the event alone is larger than some
 * 63 MiB (large content belongs in a blob); it is left out and nothing else has changed. */
int trace_writer_event(struct trace_writer *w, uint32_t stream, const Reprise__Event *event);

/* Keeps `len` bytes as a blob, unless the trace has them already, and tells their name. */
int trace_writer_blob(struct trace_writer *w, const void *data, size_t len, struct blob_id *ret_id);

/* Keeps what `read_at(ctx, offset, buf, len)` yields for offsets [0, size) as a blob, piece by
 * piece in bounded memory. `read_at` returns the bytes read (0: end of content: the rest is
 * zeros) or -errno, which is passed on. */
int trace_writer_blob_stream(struct trace_writer *w, uint64_t size,
                             ssize_t (*read_at)(void *ctx, uint64_t offset, void *buf, size_t len),
                             void *ctx, struct blob_id *ret_id);

/* Ends the current chunk of a stream whose last event has been given, so that its memory is
 * freed. Its number may not be used again. */
int trace_writer_end_stream(struct trace_writer *w, uint32_t stream);

/* Hands all events given so far to the writer thread and waits until they are written. The
 * writer does so itself at least every second, also while no event comes. */
int trace_writer_flush(struct trace_writer *w);

/* 0, or the -errno that stopped the writing. Cheap. */
int trace_writer_status(const struct trace_writer *w);

/* Writes what is left, the SUMMARY (may be NULL; its number of events is the writer's) and the
 * INDEX, waits for the thread, frees. `ret_stats` may be NULL. Returns the first error of the whole
 * life of the writer. Takes NULL. */
int trace_writer_close(struct trace_writer *w, const Reprise__Summary *summary,
                       struct trace_writer_stats *ret_stats);

/* Frees without writing anything more: for a forked child, or when the file is lost anyway. In a
 * forked child it neither waits nor touches the parent's thread or file. Takes NULL. */
void trace_writer_abandon(struct trace_writer *w);

#endif

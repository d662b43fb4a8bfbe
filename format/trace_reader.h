/* Reads a trace file, which is hostile input: every length is capped before allocation and every
 * checksum checked. Needs no index: a torn file is scanned and read up to its last whole chunk. */
#ifndef REPRISE_FORMAT_TRACE_READER_H
#define REPRISE_FORMAT_TRACE_READER_H

#include "base/err.h"
#include "format/blob_id.h"
#include "format/trace.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRACE_FORMAT_VERSION 1

struct trace_reader;

/* An event as read. Valid until the cursor that gave it moves on; see trace_cursor_hold. */
struct trace_event {
    uint32_t stream;
    uint64_t number;             /* of the event in its stream, from 0 */
    const Reprise__Event *event; /* time is absolute (ns since the recording began) */
    bool begins;                 /* see trace_cursor_open_by_start() */
    uint64_t start;              /* with begins: when; ns since the recording began */
};

/* Opens a trace. Errors tell the file, the offset and what to do; -EBADMSG: not a trace or
 * damaged beyond reading, -EPROTONOSUPPORT: a newer format version. */
int trace_reader_open(const char *path, struct trace_reader **ret, struct err *err);
/* The two halves of it, for who does something before a byte is read. The descriptor, or -errno;
 * the reader takes it over, also when that fails. */
int trace_reader_open_file(const char *path, struct err *err);
int trace_reader_take(int fd, const char *name, struct trace_reader **ret, struct err *err);
/* The same for an open file, which stays the caller's; `name` is for messages. */
int trace_reader_open_fd(int fd, const char *name, struct trace_reader **ret, struct err *err);
void trace_reader_free(struct trace_reader *r);

const Reprise__Header *trace_reader_header(const struct trace_reader *r);
/* NULL when the trace is torn. */
const Reprise__Summary *trace_reader_summary(const struct trace_reader *r);
/* True when the end is missing (recorder killed, disk full, file cut). */
bool trace_reader_is_torn(const struct trace_reader *r);
/* 0, or -EBADMSG with the damage that showed when the trace was opened: what could be found of it
 * is read all the same. */
int trace_reader_fault(const struct trace_reader *r, struct err *err);
uint64_t trace_reader_size(const struct trace_reader *r);

/* One entry per chunk, in file order. */
size_t trace_reader_chunk_count(const struct trace_reader *r);
const Reprise__IndexEntry *trace_reader_chunk(const struct trace_reader *r, size_t i);

/* A walk over the events of one stream, or of all streams merged by time (ties: by stream
 * number, within a stream by position). Memory is bounded by the chunks that overlap.
 * Of a torn trace it gives all events up to one moment: those that came to the file ahead of
 * earlier ones of other streams, which did not, are left out. */
struct trace_cursor;
#define TRACE_ALL_STREAMS UINT32_MAX
int trace_cursor_open(struct trace_reader *r, uint32_t stream, struct trace_cursor **ret,
                      struct err *err);
/* All streams merged, each call that is told in one event given twice: where it began, with
 * `begins` set, and where it ended, both times in the order of time. The ends come in the same
 * order as the events of trace_cursor_open(). The event given at a beginning stays valid until its
 * end is passed. Needs a chunk of each stream that goes on in memory. */
int trace_cursor_open_by_start(struct trace_reader *r, struct trace_cursor **ret, struct err *err);
void trace_cursor_free(struct trace_cursor *c);
/* While it holds, the events given stay valid: for a run of them that is bounded by the caller. */
void trace_cursor_hold(struct trace_cursor *c, bool hold);
/* 1: *ret_event is set; 0: the end; -errno: damaged, with the offset in err. Where
 * trace_reader_fault() tells of damage all events that could be found come first. */
int trace_cursor_next(struct trace_cursor *c, struct trace_event *ret_event, struct err *err);

/* Size of a blob. -EBADMSG: the trace has no such blob. `id` has id_len bytes as in a message. */
int trace_reader_blob_size(struct trace_reader *r, const void *id, size_t id_len,
                           uint64_t *ret_size, struct err *err);
/* What a blob takes in the file, in bytes, and its serial number, by which a reader can tell that
 * it has met it before. -ENOENT: no such blob. */
int trace_reader_blob_stored(struct trace_reader *r, const void *id, size_t id_len,
                             uint64_t *ret_serial, uint64_t *ret_stored);
/* Hands the content to `sink` piece by piece in order; checks it against its name. A negative
 * return of sink ends the walk and is passed on. */
int trace_reader_blob(struct trace_reader *r, const void *id, size_t id_len,
                      int (*sink)(void *ctx, uint64_t offset, const void *data, size_t len),
                      void *ctx, struct err *err);

/* Verifies every checksum, decodes every event and every blob. 0, or -EBADMSG with the first
 * fault in err. A torn end is not a fault. */
int trace_reader_check(struct trace_reader *r, struct err *err);

/* Whether nothing of a recording is missing, at little cost for who has walked over all events and
 * has read the blobs that he needed: what was verified then is not verified again. A trace that is
 * not torn must have its summary, too. 0, or -EBADMSG. */
int trace_reader_check_rest(struct trace_reader *r, struct err *err);

#endif

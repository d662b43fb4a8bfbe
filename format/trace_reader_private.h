/* Shared by the files that make up the reader: trace_reader.c, trace_lists.c, trace_index.c,
 * trace_scan.c, trace_cursor.c, blob_reader.c, trace_check.c. */
#ifndef REPRISE_FORMAT_TRACE_READER_PRIVATE_H
#define REPRISE_FORMAT_TRACE_READER_PRIVATE_H

#include "format/arena.h"
#include "format/chunk_reader.h"
#include "format/trace_reader.h"

/* What unpacked messages may take; the largest chunk of honest content fits well. */
#define MESSAGE_MEMORY_MAX ((size_t)4 * CHUNK_RAW_MAX)

#define BLOB_SIZE_MAX ((uint64_t)1 << 47)

struct trace_blob {
    struct blob_id id;
    uint64_t serial;
    uint64_t size;
    bool walked; /* it was read wholly, and is what its name says */
};

struct trace_reader {
    struct chunk_reader in;
    char *name;
    bool owns_fd;
    uint64_t size; /* of the file when it was opened */

    Reprise__IndexEntry *chunks; /* in file order, offsets and times absolute */
    size_t n_chunks, cap_chunks;
    uint32_t *events; /* numbers of the EVENTS chunks, by stream, then seq */
    size_t n_events;
    uint32_t *pieces; /* numbers of the BLOB chunks, by serial, then seq */
    size_t n_pieces;
    struct trace_blob *blobs; /* by id; of equal ones the first in the file is first */
    size_t n_blobs, cap_blobs;

    bool torn;
    uint64_t complete; /* of a torn trace the events before this time are read; UINT64_MAX: all */
    struct err fault;  /* damage found on opening, told by trace_reader_check */
    bool *loaded;      /* by chunk: it was loaded and found good */

    struct arena keep; /* header and summary live here */
    Reprise__Header *header;
    Reprise__Summary *summary;
};

/* Appends to the lists. 0, -ENOMEM, or -EBADMSG for what no writer writes. */
int trace_reader_add_chunk(struct trace_reader *r, const struct chunk_head *head, uint64_t offset);
int trace_reader_add_blob(struct trace_reader *r, const Reprise__BlobName *name);
void trace_reader_clear_lists(struct trace_reader *r);
/* Makes the sorted lists once all chunks and blobs are there. */
int trace_reader_sort_lists(struct trace_reader *r, struct err *err);

/* Fills the lists from the index. -EBADMSG: there is none or it is wrong, and the lists are
 * empty; *ret_ended tells whether the file has an END all the same. Other -errno: give up. */
int trace_index_load(struct trace_reader *r, bool *ret_ended, struct err *err);

/* Fills the lists by reading the whole file. Sets r->torn, and r->fault when it stopped at damage.
 * 0, or -errno when the file cannot be read. */
int trace_scan(struct trace_reader *r, struct err *err);

/* Loads chunk i, which must be what the list says. */
int trace_reader_load(struct trace_reader *r, size_t i, struct chunk_head *ret_head,
                      struct buf *raw, struct err *err);

/* Loads chunk i and unpacks the one message that it holds into `arena`. */
int trace_reader_load_message(struct trace_reader *r, size_t i,
                              const ProtobufCMessageDescriptor *type, struct arena *arena,
                              ProtobufCMessage **ret, struct err *err);

/* A cursor over all that is in the file, also what a torn trace has beyond r->complete. */
int trace_cursor_open_beyond(struct trace_reader *r, struct trace_cursor **ret, struct err *err);

/* Number in r->events of the first chunk of a stream that is not less than `stream`. */
size_t trace_reader_find_events(const struct trace_reader *r, uint64_t stream);
size_t trace_reader_find_pieces(const struct trace_reader *r, uint64_t serial);
/* NULL: no such blob. */
struct trace_blob *trace_reader_find_blob(const struct trace_reader *r, const void *id,
                                          size_t id_len);

/* Hands over the content of a blob, checked against its name. */
int trace_reader_walk_blob(struct trace_reader *r, struct trace_blob *blob,
                           int (*sink)(void *ctx, uint64_t offset, const void *data, size_t len),
                           void *ctx, struct err *err);

#endif

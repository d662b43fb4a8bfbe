/* Owns an open trace: its file, header and summary. How its lists of chunks and blobs come about
 * is trace_index.c's and trace_scan.c's; walking events is trace_cursor.c's. */
#include "format/trace_reader.h"

#include "format/delimited.h"
#include "format/event_check.h"
#include "format/trace_reader_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int trace_reader_load(struct trace_reader *r, size_t i, struct chunk_head *ret_head,
                      struct buf *raw, struct err *err)
{
    const Reprise__IndexEntry *e = &r->chunks[i];
    struct chunk_head h;
    int rc = chunk_reader_load(&r->in, e->offset, &h, raw, err);
    if (rc < 0)
        return rc;
    if (h.kind != e->kind || h.stream != e->stream || h.seq != e->seq || h.time != e->time ||
        h.stored_len != e->stored_len || h.raw_len != e->raw_len)
        return chunk_reader_damaged(&r->in, e->offset, "the chunk is not what the index says", err);
    if (r->loaded != NULL)
        r->loaded[i] = true;
    *ret_head = h;
    return 0;
}

int trace_reader_load_message(struct trace_reader *r, size_t i,
                              const ProtobufCMessageDescriptor *type, struct arena *arena,
                              ProtobufCMessage **ret, struct err *err)
{
    struct buf raw = {0};
    struct chunk_head head;
    int rc = trace_reader_load(r, i, &head, &raw, err);
    if (rc < 0)
        goto out;
    size_t pos = 0, len;
    const uint8_t *bytes;
    ProtobufCMessage *message = NULL;
    if (head.count == 1 && delimited_next(raw.data, raw.len, &pos, &bytes, &len) == 1 &&
        pos == raw.len)
        message = protobuf_c_message_unpack(type, &arena->allocator, len, bytes);
    if (message != NULL)
        *ret = message;
    else if (arena->is_starved)
        rc = err_sys(err, ENOMEM, "cannot read %s", r->name);
    else
        rc =
            chunk_reader_damaged(&r->in, r->chunks[i].offset, "its message cannot be decoded", err);
out:
    buf_done(&raw);
    return rc;
}

static int check_file(struct trace_reader *r, struct err *err)
{
    struct stat st;
    if (fstat(r->in.fd, &st) < 0)
        return err_sys(err, errno, "cannot read %s", r->name);
    if (S_ISDIR(st.st_mode))
        return err_set(err, EISDIR, "%s is a directory; name the .reprise file", r->name);
    if (!S_ISREG(st.st_mode))
        return err_set(err, EINVAL, "%s is not a regular file; save the trace to a file first",
                       r->name);
    r->size = (uint64_t)st.st_size;
    return 0;
}

static int check_file_head(struct trace_reader *r, struct err *err)
{
    if (r->size == 0)
        return err_set(err, EBADMSG,
                       "%s is empty: not a reprise trace, or one whose recording ended before it "
                       "began",
                       r->name);
    uint8_t head[FILE_HEAD_SIZE] = {0};
    size_t len = r->size < sizeof head ? (size_t)r->size : sizeof head;
    int rc = chunk_reader_pread(&r->in, 0, head, len, err);
    if (rc < 0)
        return rc;
    uint32_t version;
    const char *why;
    if (file_head_decode(head, &version, &why) < 0)
        return err_set(err, EBADMSG,
                       "%s is not a reprise trace: %s. Make one with: reprise record -o FILE "
                       "PROGRAM",
                       r->name, why);
    if (version > TRACE_FORMAT_VERSION)
        return err_set(err, EPROTONOSUPPORT,
                       "%s has trace format %u, and this reprise reads up to %u: use a newer "
                       "reprise",
                       r->name, version, TRACE_FORMAT_VERSION);
    if (version == 0)
        return err_set(err, EBADMSG, "%s is damaged at byte 8: there is no format 0", r->name);
    return 0;
}

static int find_chunks(struct trace_reader *r, struct err *err)
{
    bool ended;
    struct err why = {0};
    int rc = trace_index_load(r, &ended, &why);
    if (rc == -EBADMSG) {
        if (ended)
            r->fault = why; /* written to its end, yet the index is wrong */
        rc = trace_scan(r, err);
    } else if (rc < 0) {
        if (err != NULL && err->code == 0)
            *err = why;
    }
    return rc;
}

static int load_header(struct trace_reader *r, struct err *err)
{
    if (r->n_chunks == 0 && r->fault.code == 0)
        return err_set(err, EBADMSG,
                       "%s holds nothing: its recording was cut off as it began; "
                       "record again",
                       r->name);
    if (r->n_chunks == 0)
        return err_set(err, EBADMSG, "%s", r->fault.msg);
    if (r->chunks[0].kind != CHUNK_HEADER)
        return chunk_reader_damaged(&r->in, FILE_HEAD_SIZE, "the header is not here", err);
    ProtobufCMessage *message;
    int rc = trace_reader_load_message(r, 0, &reprise__header__descriptor, &r->keep, &message, err);
    if (rc < 0)
        return rc;
    r->header = (Reprise__Header *)message;
    const char *why;
    if (header_check(r->header, &why) < 0)
        return chunk_reader_damaged(&r->in, FILE_HEAD_SIZE, why, err);
    return 0;
}

static int load_summary(struct trace_reader *r, struct err *err)
{
    for (size_t i = r->n_chunks; i-- > 0;) {
        if (r->chunks[i].kind != CHUNK_SUMMARY)
            continue;
        ProtobufCMessage *message;
        int rc =
            trace_reader_load_message(r, i, &reprise__summary__descriptor, &r->keep, &message, err);
        if (rc == 0)
            r->summary = (Reprise__Summary *)message;
        return rc;
    }
    return 0;
}

static int open_trace(struct trace_reader *r, struct err *err)
{
    int rc = check_file(r, err);
    if (rc == 0)
        rc = check_file_head(r, err);
    if (rc == 0)
        rc = find_chunks(r, err);
    if (rc == 0)
        rc = trace_reader_sort_lists(r, err);
    if (rc == 0)
        rc = load_header(r, err);
    if (rc == 0 && !r->torn)
        rc = load_summary(r, err);
    return rc;
}

/* Takes over the fd if `owns_fd`, also on failure. */
static int make_reader(int fd, bool owns_fd, const char *name, struct trace_reader **ret,
                       struct err *err)
{
    struct trace_reader *r = calloc(1, sizeof *r);
    if (r == NULL) {
        if (owns_fd)
            close(fd);
        return err_sys(err, ENOMEM, "cannot read %s", name);
    }
    r->owns_fd = owns_fd;
    r->complete = UINT64_MAX;
    r->name = strdup(name);
    arena_init(&r->keep, MESSAGE_MEMORY_MAX);
    int rc = chunk_reader_init(&r->in, fd, r->name);
    if (rc < 0 || r->name == NULL)
        rc = err_sys(err, ENOMEM, "cannot read %s", name);
    else
        rc = open_trace(r, err);
    if (rc < 0) {
        trace_reader_free(r);
        return rc;
    }
    *ret = r;
    return 0;
}

int trace_reader_open(const char *path, struct trace_reader **ret, struct err *err)
{
    /* O_NONBLOCK: a FIFO is to be refused, not waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_sys(err, errno, "cannot open trace %s", path);
    return make_reader(fd, true, path, ret, err);
}

int trace_reader_open_fd(int fd, const char *name, struct trace_reader **ret, struct err *err)
{
    return make_reader(fd, false, name, ret, err);
}

void trace_reader_free(struct trace_reader *r)
{
    if (r == NULL)
        return;
    if (r->owns_fd)
        close(r->in.fd);
    chunk_reader_done(&r->in);
    arena_done(&r->keep);
    free(r->chunks);
    free(r->loaded);
    free(r->events);
    free(r->pieces);
    free(r->blobs);
    free(r->name);
    free(r);
}

const Reprise__Header *trace_reader_header(const struct trace_reader *r)
{
    return r->header;
}

const Reprise__Summary *trace_reader_summary(const struct trace_reader *r)
{
    return r->summary;
}

bool trace_reader_is_torn(const struct trace_reader *r)
{
    return r->torn;
}

uint64_t trace_reader_size(const struct trace_reader *r)
{
    return r->size;
}

size_t trace_reader_chunk_count(const struct trace_reader *r)
{
    return r->n_chunks;
}

const Reprise__IndexEntry *trace_reader_chunk(const struct trace_reader *r, size_t i)
{
    return &r->chunks[i];
}

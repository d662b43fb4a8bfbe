/* Feeds the reader with hostile traces: opens, walks all events, reads the blobs that they name,
 * checks. */
#include "format/event_blobs.h"
#include "format/trace_reader.h"
#include "message_text.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore_piece(void *ctx, uint64_t offset, const void *data, size_t len)
{
    uint8_t sum = 0;
    (void)offset;
    for (size_t i = 0; i < len; i++)
        sum ^= ((const uint8_t *)data)[i];
    *(uint8_t *)ctx ^= sum;
    return 0;
}

static int read_blob(void *reader, const ProtobufCBinaryData *id)
{
    struct trace_reader *r = reader;
    uint64_t size;
    uint8_t sum = 0;
    if (trace_reader_blob_size(r, id->data, id->len, &size, NULL) == 0)
        trace_reader_blob(r, id->data, id->len, ignore_piece, &sum, NULL);
    return 0;
}

static void walk(struct trace_reader *r, uint32_t stream, FILE *text)
{
    struct trace_cursor *c;
    struct trace_event e;
    struct err err = {0};
    if (trace_cursor_open(r, stream, &c, &err) < 0)
        return;
    uint64_t last = 0;
    int rc;
    while ((rc = trace_cursor_next(c, &e, &err)) > 0) {
        if (e.event->time < last)
            abort();
        last = e.event->time;
        message_text(text, &e.event->base, 0); /* looks at every byte */
        event_blobs_visit(e.event, read_blob, r);
    }
    if (rc < 0 && (err.code == 0 || err.msg[0] == '\0'))
        abort();
    trace_cursor_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static FILE *text;
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        text = fopen("/dev/null", "we");
    }
    if (fd < 0 || text == NULL || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) < 0)
        abort();
    struct trace_reader *r;
    struct err err = {0};
    if (trace_reader_open_fd(fd, "fuzz", &r, &err) < 0) {
        if (err.code == 0 || err.msg[0] == '\0')
            abort();
        return 0;
    }
    message_text(text, &trace_reader_header(r)->base, 0);
    if (trace_reader_summary(r) != NULL)
        message_text(text, &trace_reader_summary(r)->base, 0);
    walk(r, TRACE_ALL_STREAMS, text);
    walk(r, 1, text);
    int rc = trace_reader_check(r, &err);
    if (rc < 0 && err.msg[0] == '\0')
        abort();
    trace_reader_free(r);
    return 0;
}

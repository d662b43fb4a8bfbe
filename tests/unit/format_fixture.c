/* Owns what the tests of format share. */
#include "format_fixture.h"

#include "format/delimited.h"
#include "message_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

int fixture_file(void)
{
    int fd = memfd_create("trace", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

int fixture_file_of(const void *data, size_t len)
{
    int fd = fixture_file();
    assert_int_equal(pwrite(fd, data, len, 0), len);
    return fd;
}

uint8_t *fixture_bytes(int fd, size_t *ret_len)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    uint8_t *data = malloc((size_t)st.st_size + 1);
    assert_non_null(data);
    assert_int_equal(pread(fd, data, (size_t)st.st_size, 0), st.st_size);
    *ret_len = (size_t)st.st_size;
    return data;
}

struct trace_writer *fixture_writer(int fd, size_t queue_bytes)
{
    struct trace_writer_options options = {.fd = fd, .queue_bytes = queue_bytes};
    struct trace_writer *w;
    assert_int_equal(trace_writer_open(&options, &w, NULL), 0);
    Reprise__Header header = REPRISE__HEADER__INIT;
    ProtobufCBinaryData argv[] = {{.len = 4, .data = (uint8_t[]){'t', 'e', 's', 't'}}};
    header.n_argv = 1;
    header.argv = argv;
    header.host = (char[]){"host"};
    header.start_unix_ns = 1700000000000000000;
    assert_int_equal(trace_writer_header(w, &header), 0);
    return w;
}

int fixture_call(struct trace_writer *w, uint32_t stream, uint64_t time, int64_t nr, size_t len)
{
    uint8_t *data = malloc(len + 1);
    assert_non_null(data);
    fixture_fill(data, len, (uint64_t)nr + 1);
    uint64_t args[] = {3, 0x7fff00001000, len};
    Reprise__Range range = REPRISE__RANGE__INIT, *out = &range;
    range.addr = args[1];
    range.len = len;
    range.data = (ProtobufCBinaryData){.len = len, .data = data};
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    call.nr = nr;
    call.n_args = 3;
    call.args = args;
    call.ip = 0x401000;
    call.result = (int64_t)len;
    call.n_out = 1;
    call.out = &out;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = stream + 1;
    event.time = time;
    event.body_case = REPRISE__EVENT__BODY_SYSCALL;
    event.syscall = &call;
    int r = trace_writer_event(w, stream, &event);
    free(data);
    return r;
}

int fixture_small_trace(void)
{
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    uint64_t time = 100;
    for (int round = 0; round < 3; round++) {
        uint8_t content[64];
        struct blob_id id;
        fixture_fill(content, sizeof content, 77 + (uint64_t)round);
        assert_int_equal(trace_writer_blob(w, content, sizeof content, &id), 0);
        for (int i = 0; i < 9; i++) {
            time += (uint64_t)i * 300 + 1;
            assert_int_equal(fixture_call(w, (uint32_t)i % 3, time, round * 10 + i, 3), 0);
        }
        assert_int_equal(trace_writer_flush(w), 0);
    }
    Reprise__Summary summary = REPRISE__SUMMARY__INIT;
    summary.duration_ns = time;
    assert_int_equal(trace_writer_close(w, &summary, NULL), 0);
    return fd;
}

struct trace_reader *fixture_open(int fd)
{
    struct err err = {0};
    struct trace_reader *r;
    if (trace_reader_open_fd(fd, "trace", &r, &err) < 0)
        fail_msg("%s", err.msg);
    return r;
}

static char *text_of(const ProtobufCMessage *message)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    message_text(f, message, 0);
    assert_int_equal(fclose(f), 0);
    return text;
}

struct fixture_events fixture_events(struct trace_reader *r, uint32_t stream)
{
    struct fixture_events events = {0};
    struct trace_cursor *c;
    struct trace_event e;
    events.end = trace_cursor_open(r, stream, &c, NULL);
    if (events.end < 0)
        return events;
    while ((events.end = trace_cursor_next(c, &e, NULL)) > 0) {
        if (events.len == events.cap) {
            events.cap = events.cap * 2 + 64;
            events.items = realloc(events.items, events.cap * sizeof *events.items);
            assert_non_null(events.items);
        }
        events.items[events.len++] = (struct fixture_event){
            .stream = e.stream,
            .number = e.number,
            .time = e.event->time,
            .text = text_of(&e.event->base),
        };
    }
    trace_cursor_free(c);
    return events;
}

void fixture_events_done(struct fixture_events *events)
{
    for (size_t i = 0; i < events->len; i++)
        free(events->items[i].text);
    free(events->items);
    *events = (struct fixture_events){0};
}

void fixture_raw_chunk(struct fixture_raw *raw, struct chunk_head head, const void *payload,
                       size_t len)
{
    size_t bound = ZSTD_compressBound(len);
    assert_int_equal(buf_reserve(&raw->file, bound + CHUNK_OVERHEAD), 0);
    uint8_t *chunk = raw->file.data + raw->file.len;
    size_t n = len > 0 ? ZSTD_compress(chunk + CHUNK_HEAD_SIZE, bound, payload, len, 1) : 0;
    assert_false(ZSTD_isError(n));
    if (head.kind == CHUNK_EVENTS)
        head.complete = UINT64_MAX;
    if (head.raw_len == 0)
        head.raw_len = (uint32_t)len;
    head.stored_len = (uint32_t)n;
    chunk_seal(chunk, &head);
    raw->last = raw->file.len;
    raw->file.len += (size_t)chunk_size(head.stored_len);
}

struct fixture_raw fixture_raw(void)
{
    struct fixture_raw raw = {0};
    uint8_t head[FILE_HEAD_SIZE];
    file_head_encode(head, TRACE_FORMAT_VERSION);
    assert_int_equal(buf_append(&raw.file, head, sizeof head), 0);
    fixture_raw_chunk(&raw, (struct chunk_head){.kind = CHUNK_HEADER, .count = 1}, "", 1);
    return raw;
}

void fixture_raw_event(struct fixture_raw *raw, struct chunk_head head, const Reprise__Event *event)
{
    struct buf payload = {0};
    assert_int_equal(delimited_append(&payload, &event->base), 0);
    head.kind = CHUNK_EVENTS;
    if (head.count == 0)
        head.count = 1;
    fixture_raw_chunk(raw, head, payload.data, payload.len);
    buf_done(&payload);
}

int fixture_raw_open(struct fixture_raw *raw, int *ret_fd, struct trace_reader **ret,
                     struct err *err)
{
    *ret_fd = fixture_file_of(raw->file.data, raw->file.len);
    buf_done(&raw->file);
    return trace_reader_open_fd(*ret_fd, "trace", ret, err);
}

uint64_t fixture_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

void fixture_fill(void *data, size_t len, uint64_t seed)
{
    uint8_t *p = data;
    seed = seed * 0x9e3779b97f4a7c15u + 1;
    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)fixture_random(&seed);
}

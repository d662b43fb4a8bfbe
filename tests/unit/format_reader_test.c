/* Tests of opening a trace: whole, torn at any byte, damaged at any byte, and what is no trace. */
#include "format/chunk.h"
#include "format/chunk_reader.h"
#include "format/chunk_writer.h"
#include "format_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_refused(int fd, int code, const char *part)
{
    struct err err = {0};
    struct trace_reader *r = NULL;
    assert_int_equal(trace_reader_open_fd(fd, "x", &r, &err), -code);
    assert_int_equal(err.code, code);
    assert_null(r);
    if (strstr(err.msg, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.msg, part);
}

static void reader_refuses_a_missing_file(void **state)
{
    (void)state;
    struct err err = {0};
    struct trace_reader *r;
    assert_int_equal(trace_reader_open("/nonexistent/x.reprise", &r, &err), -ENOENT);
    assert_non_null(strstr(err.msg, "/nonexistent/x.reprise"));
}

static void reader_refuses_an_empty_file(void **state)
{
    (void)state;
    int fd = fixture_file();
    expect_refused(fd, EBADMSG, "is empty");
    close(fd);
}

static void reader_refuses_a_directory(void **state)
{
    (void)state;
    struct err err = {0};
    struct trace_reader *r;
    assert_int_equal(trace_reader_open("/tmp", &r, &err), -EISDIR);
    assert_non_null(strstr(err.msg, "is a directory"));
}

static void reader_refuses_a_fifo_without_waiting(void **state)
{
    (void)state;
    char dir[] = "/tmp/format_test_XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/fifo", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    struct trace_reader *r;
    assert_int_equal(trace_reader_open(path, &r, NULL), -EINVAL);
    unlink(path);
    rmdir(dir);
}

static void reader_refuses_what_is_not_a_trace(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof text);
    for (size_t len = 1; len <= sizeof text; len *= 4) {
        int fd = fixture_file_of(text, len);
        expect_refused(fd, EBADMSG, "is not a reprise trace");
        close(fd);
    }
}

static void reader_refuses_a_newer_version(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    uint8_t head[FILE_HEAD_SIZE];
    file_head_encode(head, TRACE_FORMAT_VERSION + 1);
    assert_int_equal(pwrite(fd, head, sizeof head, 0), sizeof head);
    expect_refused(fd, EPROTONOSUPPORT, "use a newer reprise");
    close(fd);
}

static void reader_refuses_a_trace_without_a_header(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    assert_int_equal(ftruncate(fd, FILE_HEAD_SIZE), 0);
    expect_refused(fd, EBADMSG, "record again");
    close(fd);
}

static void reader_gives_header_summary_and_chunks(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct trace_reader *r = fixture_open(fd);
    assert_false(trace_reader_is_torn(r));
    assert_int_equal(trace_reader_header(r)->start_unix_ns, 1700000000000000000);
    assert_string_equal(trace_reader_header(r)->host, "host");
    assert_int_equal(trace_reader_summary(r)->events, 27);
    uint64_t offset = FILE_HEAD_SIZE;
    size_t by_kind[CHUNK_END + 1] = {0};
    for (size_t i = 0; i < trace_reader_chunk_count(r); i++) {
        const Reprise__IndexEntry *e = trace_reader_chunk(r, i);
        assert_int_equal(e->offset, offset);
        offset += chunk_size(e->stored_len);
        by_kind[e->kind]++;
    }
    assert_int_equal(offset, trace_reader_size(r));
    assert_int_equal(by_kind[CHUNK_HEADER], 1);
    assert_int_equal(by_kind[CHUNK_EVENTS], 9);
    assert_int_equal(by_kind[CHUNK_BLOB], 3);
    assert_int_equal(by_kind[CHUNK_BLOBNAME], 3);
    assert_int_equal(by_kind[CHUNK_SUMMARY], 1);
    assert_int_equal(by_kind[CHUNK_INDEX], 1);
    assert_int_equal(by_kind[CHUNK_END], 1);
    assert_int_equal(trace_reader_check(r, NULL), 0);
    trace_reader_free(r);
    close(fd);
}

/* The events are the first ones of the whole trace. */
static void expect_prefix(const struct fixture_events *part, const struct fixture_events *whole)
{
    assert_true(part->len <= whole->len);
    for (size_t i = 0; i < part->len; i++) {
        assert_int_equal(part->items[i].stream, whole->items[i].stream);
        assert_int_equal(part->items[i].number, whole->items[i].number);
        assert_string_equal(part->items[i].text, whole->items[i].text);
    }
}

static struct fixture_events events_of(int fd)
{
    struct trace_reader *r = fixture_open(fd);
    struct fixture_events events = fixture_events(r, TRACE_ALL_STREAMS);
    trace_reader_free(r);
    return events;
}

static void reader_gives_the_same_by_index_and_by_scan(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct fixture_events by_index = events_of(fd);
    assert_int_equal(by_index.len, 27);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(ftruncate(fd, st.st_size - CHUNK_OVERHEAD), 0); /* the END */
    struct fixture_events by_scan = events_of(fd);
    assert_int_equal(by_scan.len, 27);
    expect_prefix(&by_scan, &by_index);
    fixture_events_done(&by_index);
    fixture_events_done(&by_scan);
    close(fd);
}

static void reader_reads_a_trace_torn_at_any_byte(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct fixture_events whole = events_of(fd);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    size_t events = whole.len, opened = 0;
    for (off_t len = st.st_size - 1; len >= 0; len--) {
        assert_int_equal(ftruncate(fd, len), 0);
        struct err err = {0};
        struct trace_reader *r;
        if (trace_reader_open_fd(fd, "x", &r, &err) < 0) {
            assert_int_equal(err.code, EBADMSG);
            assert_true(strlen(err.msg) > 0);
            continue;
        }
        opened++;
        assert_true(trace_reader_is_torn(r));
        assert_null(trace_reader_summary(r));
        if (trace_reader_check(r, &err) < 0)
            fail_msg("cut at %ld: %s", (long)len, err.msg);
        struct fixture_events part = fixture_events(r, TRACE_ALL_STREAMS);
        assert_int_equal(part.end, 0);
        assert_true(part.len <= events);
        events = part.len;
        expect_prefix(&part, &whole);
        fixture_events_done(&part);
        trace_reader_free(r);
    }
    assert_int_equal(events, 0);
    assert_true(opened > (size_t)st.st_size / 2);
    fixture_events_done(&whole);
    close(fd);
}

static void expect_damage_is_found(int fd, size_t at, const struct fixture_events *whole)
{
    struct err err = {0};
    struct trace_reader *r;
    int rc = trace_reader_open_fd(fd, "x", &r, &err);
    if (rc < 0) {
        assert_true(rc == -EBADMSG || rc == -EPROTONOSUPPORT);
        return;
    }
    struct fixture_events part = fixture_events(r, TRACE_ALL_STREAMS);
    assert_true(part.end == 0 || part.end == -EBADMSG);
    expect_prefix(&part, whole);
    fixture_events_done(&part);
    if (trace_reader_check(r, &err) != -EBADMSG)
        fail_msg("byte %zu was changed and nobody noticed", at);
    assert_non_null(strstr(err.msg, "damaged"));
    trace_reader_free(r);
}

/* Stream 2 is full at once and gets to the file, while stream 1 has events from before that did
 * not: they are the cause, so without them the rest may not be read. */
static void torn_trace_is_read_as_of_one_moment(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    assert_int_equal(fixture_call(w, 1, 10, 1, 5), 0);
    assert_int_equal(fixture_call(w, 2, 20, 2, 5), 0);
    assert_int_equal(trace_writer_flush(w), 0);
    assert_int_equal(fixture_call(w, 1, 30, 3, 5), 0);
    assert_int_equal(fixture_call(w, 2, 25, 4, 5), 0);
    assert_int_equal(fixture_call(w, 2, 40, 5, 1 << 20), 0);
    /* Wait for the chunk of stream 2 without flushing stream 1. */
    struct fixture_events events = {0};
    for (int i = 0; events.len < 3 && i < 500; i++) {
        usleep(1000);
        fixture_events_done(&events);
        struct trace_reader *r = fixture_open(fd);
        events = fixture_events(r, TRACE_ALL_STREAMS);
        assert_int_equal(trace_reader_check(r, NULL), 0);
        trace_reader_free(r);
    }
    assert_true(events.len == 3 || events.len == 5); /* 5: a busy machine came to the next tick */
    assert_int_equal(events.items[2].time, 25);
    fixture_events_done(&events);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    events = events_of(fd);
    assert_int_equal(events.len, 5);
    fixture_events_done(&events);
    close(fd);
}

static void reader_notices_any_byte_that_changed(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct fixture_events whole = events_of(fd);
    size_t len;
    uint8_t *data = fixture_bytes(fd, &len);
    for (size_t i = 0; i < len; i++) {
        const uint8_t masks[] = {(uint8_t)(1u << i % 8), 0xff};
        for (size_t k = 0; k < 2; k++) {
            uint8_t changed = data[i] ^ masks[k];
            assert_int_equal(pwrite(fd, &changed, 1, (off_t)i), 1);
            expect_damage_is_found(fd, i, &whole);
        }
        assert_int_equal(pwrite(fd, &data[i], 1, (off_t)i), 1);
    }
    free(data);
    fixture_events_done(&whole);
    close(fd);
}

static void reader_stops_at_a_damaged_chunk_of_a_torn_trace(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct trace_reader *r = fixture_open(fd);
    size_t n = trace_reader_chunk_count(r);
    uint64_t middle = trace_reader_chunk(r, n / 2)->offset;
    off_t end = (off_t)trace_reader_chunk(r, n - 1)->offset;
    trace_reader_free(r);
    assert_int_equal(ftruncate(fd, end), 0);
    assert_int_equal(pwrite(fd, "????", 4, (off_t)middle + CHUNK_HEAD_SIZE), 4);
    r = fixture_open(fd);
    assert_true(trace_reader_is_torn(r));
    assert_int_equal(trace_reader_chunk_count(r), n / 2);
    struct err err = {0};
    char offset[32];
    snprintf(offset, sizeof offset, "byte %llu", (unsigned long long)middle);
    assert_int_equal(trace_reader_check(r, &err), -EBADMSG);
    assert_non_null(strstr(err.msg, offset));
    trace_reader_free(r);
    close(fd);
}

static void reader_takes_zeros_at_the_end_as_torn(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(ftruncate(fd, st.st_size - CHUNK_OVERHEAD), 0);
    assert_int_equal(ftruncate(fd, st.st_size + 100000), 0);
    struct trace_reader *r = fixture_open(fd);
    assert_true(trace_reader_is_torn(r));
    assert_int_equal(trace_reader_check(r, NULL), 0);
    trace_reader_free(r);
    close(fd);
}

static void check_reports_what_follows_the_end(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pwrite(fd, "more", 4, st.st_size), 4);
    struct trace_reader *r = fixture_open(fd);
    assert_int_equal(trace_reader_check(r, NULL), -EBADMSG);
    trace_reader_free(r);
    close(fd);
}

/* A copy under an index that agrees with it, without the events of one stream; *ret_any: it had
 * some. */
static int copy_without(int fd, struct trace_reader *r, uint32_t stream, bool *ret_any)
{
    int copy = fixture_file();
    struct chunk_reader in;
    struct chunk_writer out;
    struct buf raw = {0};
    assert_int_equal(chunk_reader_init(&in, fd, "whole"), 0);
    assert_int_equal(chunk_writer_init(&out, copy, 1, 1), 0);
    *ret_any = false;
    for (size_t i = 0; i < trace_reader_chunk_count(r); i++) {
        struct chunk_head head;
        uint64_t at = trace_reader_chunk(r, i)->offset;
        assert_int_equal(chunk_reader_load(&in, at, &head, &raw, NULL), 0);
        if (head.kind == CHUNK_EVENTS && head.stream == stream)
            *ret_any = true;
        else if (head.kind == CHUNK_BLOBNAME)
            assert_int_equal(chunk_writer_put_blobname(&out, head, raw.data), 0);
        else if (head.kind != CHUNK_INDEX && head.kind != CHUNK_END)
            assert_int_equal(chunk_writer_put(&out, head, raw.data), 0);
    }
    assert_int_equal(chunk_writer_finish(&out), 0);
    buf_done(&raw);
    chunk_writer_done(&out);
    chunk_reader_done(&in);
    return copy;
}

static void a_stream_that_is_missing_is_missed(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct trace_reader *whole = fixture_open(fd);
    for (uint32_t stream = 0; stream < 4; stream++) {
        bool any;
        int copy = copy_without(fd, whole, stream, &any);
        assert_int_equal(any, stream < 3);
        struct trace_reader *r = fixture_open(copy);
        assert_false(trace_reader_is_torn(r));
        assert_int_equal(trace_reader_fault(r, NULL), 0);
        struct fixture_events events = fixture_events(r, TRACE_ALL_STREAMS);
        assert_int_equal(events.end, any ? -EBADMSG : 0);
        fixture_events_done(&events);
        assert_int_equal(trace_reader_check(r, NULL), any ? -EBADMSG : 0);
        trace_reader_free(r);
        close(copy);
    }
    trace_reader_free(whole);
    close(fd);
}

static void reader_survives_a_file_that_shrinks(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct trace_reader *r = fixture_open(fd);
    assert_int_equal(ftruncate(fd, (off_t)trace_reader_chunk(r, 3)->offset), 0);
    struct fixture_events events = fixture_events(r, TRACE_ALL_STREAMS);
    assert_int_equal(events.end, -EBADMSG);
    fixture_events_done(&events);
    assert_int_equal(trace_reader_check(r, NULL), -EBADMSG);
    trace_reader_free(r);
    close(fd);
}

static void reader_reads_a_trace_that_is_still_written(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(fixture_call(w, 1, i * 1000, (int64_t)i, 10), 0);
        assert_int_equal(trace_writer_flush(w), 0);
        struct trace_reader *r = fixture_open(fd);
        assert_true(trace_reader_is_torn(r));
        struct fixture_events events = fixture_events(r, 1);
        assert_int_equal(events.len, i + 1);
        fixture_events_done(&events);
        trace_reader_free(r);
    }
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *r = fixture_open(fd);
    assert_false(trace_reader_is_torn(r));
    assert_null(trace_reader_summary(r));
    trace_reader_free(r);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_refuses_a_missing_file),
        cmocka_unit_test(reader_refuses_an_empty_file),
        cmocka_unit_test(reader_refuses_a_directory),
        cmocka_unit_test(reader_refuses_a_fifo_without_waiting),
        cmocka_unit_test(reader_refuses_what_is_not_a_trace),
        cmocka_unit_test(reader_refuses_a_newer_version),
        cmocka_unit_test(reader_refuses_a_trace_without_a_header),
        cmocka_unit_test(reader_gives_header_summary_and_chunks),
        cmocka_unit_test(reader_gives_the_same_by_index_and_by_scan),
        cmocka_unit_test(reader_reads_a_trace_torn_at_any_byte),
        cmocka_unit_test(torn_trace_is_read_as_of_one_moment),
        cmocka_unit_test(reader_notices_any_byte_that_changed),
        cmocka_unit_test(reader_stops_at_a_damaged_chunk_of_a_torn_trace),
        cmocka_unit_test(reader_takes_zeros_at_the_end_as_torn),
        cmocka_unit_test(check_reports_what_follows_the_end),
        cmocka_unit_test(a_stream_that_is_missing_is_missed),
        cmocka_unit_test(reader_survives_a_file_that_shrinks),
        cmocka_unit_test(reader_reads_a_trace_that_is_still_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

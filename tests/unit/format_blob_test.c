/* Tests of blobs: kept once, in pieces, checked when read. */
#include "format/blob_set.h"
#include "format/chunk.h"
#include "format_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct content {
    const uint8_t *data;
    size_t len;
    size_t step;  /* most bytes per read; 0: any */
    size_t reads; /* bytes read so far */
    int fail;     /* returned instead of data from the middle on */
};

static ssize_t read_content(void *ctx, uint64_t offset, void *buf, size_t len)
{
    struct content *c = ctx;
    if (c->fail < 0 && offset >= c->len / 2)
        return c->fail;
    if (offset >= c->len)
        return 0;
    if (len > c->len - offset)
        len = c->len - (size_t)offset;
    if (c->step > 0 && len > c->step)
        len = c->step;
    memcpy(buf, c->data + offset, len);
    c->reads += len;
    return (ssize_t)len;
}

struct sink {
    uint8_t *data;
    size_t len, calls;
    int stop; /* returned by the second call */
};

static int take(void *ctx, uint64_t offset, const void *data, size_t len)
{
    struct sink *s = ctx;
    assert_int_equal(offset, s->len);
    if (s->calls++ == 1 && s->stop < 0)
        return s->stop;
    s->data = realloc(s->data, s->len + len + 1);
    assert_non_null(s->data);
    memcpy(s->data + s->len, data, len);
    s->len += len;
    return 0;
}

static void expect_blob(struct trace_reader *r, const struct blob_id *id, const void *data,
                        size_t len)
{
    uint64_t size;
    assert_int_equal(trace_reader_blob_size(r, id->bytes, sizeof id->bytes, &size, NULL), 0);
    assert_int_equal(size, len);
    struct sink s = {0};
    struct err err = {0};
    if (trace_reader_blob(r, id->bytes, sizeof id->bytes, take, &s, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(s.len, len);
    if (len > 0)
        assert_memory_equal(s.data, data, len);
    free(s.data);
}

static void blobs_of_all_sizes_come_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,       1,      1000, 1 << 20, (1 << 20) + 1, (2 << 20) - 1,
                                   2 << 20, 5 << 20};
    enum { N = sizeof sizes / sizeof *sizes };
    uint8_t *data = malloc(5 << 20);
    fixture_fill(data, 5 << 20, 99);
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    struct blob_id whole[N], streamed[N];
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(trace_writer_blob(w, data, sizes[i], &whole[i]), 0);
        struct content c = {.data = data, .len = sizes[i], .step = 70001};
        assert_int_equal(trace_writer_blob_stream(w, sizes[i], read_content, &c, &streamed[i]), 0);
        assert_memory_equal(&whole[i], &streamed[i], sizeof whole[i]);
    }
    struct trace_writer_stats stats;
    assert_int_equal(trace_writer_close(w, NULL, &stats), 0);
    assert_int_equal(stats.blobs, N);
    struct trace_reader *r = fixture_open(fd);
    uint64_t all_stored = 0;
    for (size_t i = 0; i < N; i++) {
        uint64_t serial, stored;
        expect_blob(r, &whole[i], data, sizes[i]);
        assert_int_equal(trace_reader_blob_stored(r, whole[i].bytes, 16, &serial, &stored), 0);
        assert_int_equal(stored == 0, sizes[i] == 0);
        all_stored += stored;
    }
    assert_int_equal(all_stored, stats.blob_bytes_stored);
    assert_int_equal(trace_reader_check(r, NULL), 0);
    trace_reader_free(r);
    free(data);
    close(fd);
}

static void equal_content_is_kept_once(void **state)
{
    (void)state;
    enum { SIZE = 3 << 20 };
    uint8_t *data = malloc(SIZE);
    fixture_fill(data, SIZE, 5);
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    struct trace_writer_stats stats;
    struct blob_id first, again;
    struct content c = {.data = data, .len = SIZE};
    assert_int_equal(trace_writer_blob_stream(w, SIZE, read_content, &c, &first), 0);
    assert_int_equal(c.reads, SIZE); /* a size seen for the first time is read once */
    for (int i = 0; i < 4; i++) {
        assert_int_equal(trace_writer_blob_stream(w, SIZE, read_content, &c, &again), 0);
        assert_memory_equal(&first, &again, sizeof first);
        assert_int_equal(trace_writer_blob(w, data, SIZE, &again), 0);
        assert_memory_equal(&first, &again, sizeof first);
    }
    data[SIZE - 1] ^= 1; /* of equal size, and yet another */
    assert_int_equal(trace_writer_blob_stream(w, SIZE, read_content, &c, &again), 0);
    assert_memory_not_equal(&first, &again, sizeof first);
    assert_int_equal(trace_writer_close(w, NULL, &stats), 0);
    assert_int_equal(stats.blobs, 2);
    assert_int_equal(stats.blob_bytes_raw, 2 * SIZE);
    free(data);
    close(fd);
}

static void content_that_ends_early_is_filled_with_zeros(void **state)
{
    (void)state;
    enum { SIZE = (1 << 20) + 100 };
    uint8_t *data = calloc(1, SIZE);
    fixture_fill(data, 10, 5);
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    struct content c = {.data = data, .len = 10};
    struct blob_id id;
    assert_int_equal(trace_writer_blob_stream(w, SIZE, read_content, &c, &id), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *r = fixture_open(fd);
    expect_blob(r, &id, data, SIZE);
    trace_reader_free(r);
    free(data);
    close(fd);
}

static void failed_read_is_passed_on_and_leaves_a_good_trace(void **state)
{
    (void)state;
    enum { SIZE = 4 << 20 };
    uint8_t *data = calloc(1, SIZE);
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    struct content c = {.data = data, .len = SIZE, .fail = -EIO};
    struct blob_id id;
    assert_int_equal(trace_writer_blob_stream(w, SIZE, read_content, &c, &id), -EIO);
    assert_int_equal(trace_writer_blob(w, data, SIZE, &id), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *r = fixture_open(fd);
    expect_blob(r, &id, data, SIZE);
    assert_int_equal(trace_reader_check(r, NULL), 0);
    trace_reader_free(r);
    free(data);
    close(fd);
}

static void unknown_blob_is_damage(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct trace_reader *r = fixture_open(fd);
    struct err err = {0};
    uint64_t size;
    assert_int_equal(trace_reader_blob_size(r, "0123456789abcdef", 16, &size, &err), -EBADMSG);
    assert_int_equal(trace_reader_blob_stored(r, "0123456789abcdef", 16, &size, &size), -ENOENT);
    assert_true(strlen(err.msg) > 0);
    assert_int_equal(trace_reader_blob(r, "0123", 4, take, NULL, NULL), -EBADMSG);
    trace_reader_free(r);
    close(fd);
}

static void check_finds_an_event_whose_blob_is_not_there(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    uint8_t id[16] = {1, 2, 3};
    Reprise__Range range = REPRISE__RANGE__INIT, *out = &range;
    range.len = 5;
    range.blob = (ProtobufCBinaryData){.len = sizeof id, .data = id};
    Reprise__Exit body = REPRISE__EXIT__INIT;
    body.n_out = 1;
    body.out = &out;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.body_case = REPRISE__EVENT__BODY_EXIT;
    event.exit = &body;
    assert_int_equal(trace_writer_event(w, 4, &event), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *r = fixture_open(fd);
    struct err err = {0};
    assert_int_equal(trace_reader_check(r, &err), -EBADMSG);
    assert_non_null(strstr(err.msg, "event 0 of stream 4 names a blob"));
    trace_reader_free(r);
    close(fd);
}

static void sink_that_fails_ends_the_walk(void **state)
{
    (void)state;
    enum { SIZE = 4 << 20 };
    uint8_t *data = calloc(1, SIZE);
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    struct blob_id id;
    assert_int_equal(trace_writer_blob(w, data, SIZE, &id), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *r = fixture_open(fd);
    struct sink s = {.stop = -ECANCELED};
    assert_int_equal(trace_reader_blob(r, id.bytes, sizeof id.bytes, take, &s, NULL), -ECANCELED);
    assert_int_equal(s.calls, 2);
    free(s.data);
    trace_reader_free(r);
    free(data);
    close(fd);
}

static void blob_is_named_before_the_event_that_names_it(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    struct blob_id id;
    assert_int_equal(trace_writer_blob(w, "content", 7, &id), 0);
    assert_int_equal(fixture_call(w, 1, 1, 1, 10), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    static const uint32_t kinds[] = {CHUNK_HEADER, CHUNK_BLOB,  CHUNK_BLOBNAME,
                                     CHUNK_EVENTS, CHUNK_INDEX, CHUNK_END};
    struct trace_reader *r = fixture_open(fd);
    assert_int_equal(trace_reader_chunk_count(r), 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(trace_reader_chunk(r, i)->kind, kinds[i]);
    trace_reader_free(r);
    close(fd);
}

static void blob_set_remembers_names_and_sizes(void **state)
{
    (void)state;
    struct blob_set s = {0};
    struct blob_id id, zero = {{0}};
    for (uint64_t i = 1; i <= 5000; i++) {
        fixture_fill(id.bytes, sizeof id.bytes, i);
        assert_false(blob_set_has(&s, &id));
        assert_int_equal(blob_set_add(&s, &id, i, i % 2 == 0), 0);
        assert_true(blob_set_has(&s, &id));
        assert_int_equal(blob_set_has_size(&s, i), i % 2 == 0);
    }
    for (uint64_t i = 1; i <= 5000; i++) {
        fixture_fill(id.bytes, sizeof id.bytes, i);
        assert_true(blob_set_has(&s, &id));
    }
    assert_int_equal(blob_set_add(&s, &zero, 1, false), 0);
    assert_false(blob_set_has(&s, &zero)); /* all zeros mark a free slot: kept twice if ever */
    blob_set_done(&s);
    blob_set_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blobs_of_all_sizes_come_back),
        cmocka_unit_test(equal_content_is_kept_once),
        cmocka_unit_test(content_that_ends_early_is_filled_with_zeros),
        cmocka_unit_test(failed_read_is_passed_on_and_leaves_a_good_trace),
        cmocka_unit_test(unknown_blob_is_damage),
        cmocka_unit_test(check_finds_an_event_whose_blob_is_not_there),
        cmocka_unit_test(sink_that_fails_ends_the_walk),
        cmocka_unit_test(blob_is_named_before_the_event_that_names_it),
        cmocka_unit_test(blob_set_remembers_names_and_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of walking events: the order of the merge, its memory, and streams that lie. */
#include "format/delimited.h"
#include "format_fixture.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct expected {
    uint64_t time, number;
    uint32_t stream;
};

static int compare_expected(const void *a, const void *b)
{
    const struct expected *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->stream != y->stream)
        return x->stream < y->stream ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void merge_goes_by_time_then_stream_then_position(void **state)
{
    (void)state;
    enum { EVENTS = 4000, STREAMS = 9 };
    struct expected *expected = calloc(EVENTS, sizeof *expected);
    uint64_t times[STREAMS] = {0}, numbers[STREAMS] = {0}, seed = 4711;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    for (size_t i = 0; i < EVENTS; i++) {
        uint32_t s = (uint32_t)(fixture_random(&seed) % STREAMS);
        if (s == 3 && numbers[s] == 0)
            times[s] = 2000;                   /* starts late */
        times[s] += fixture_random(&seed) % 4; /* many ties */
        expected[i] = (struct expected){times[s], numbers[s]++, s};
        assert_int_equal(fixture_call(w, s, times[s], (int64_t)i, 5), 0);
        if (fixture_random(&seed) % 200 == 0)
            assert_int_equal(trace_writer_flush(w), 0);
    }
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    qsort(expected, EVENTS, sizeof *expected, compare_expected);

    struct trace_reader *r = fixture_open(fd);
    struct fixture_events events = fixture_events(r, TRACE_ALL_STREAMS);
    assert_int_equal(events.end, 0);
    assert_int_equal(events.len, EVENTS);
    for (size_t i = 0; i < EVENTS; i++) {
        assert_int_equal(events.items[i].time, expected[i].time);
        assert_int_equal(events.items[i].stream, expected[i].stream);
        assert_int_equal(events.items[i].number, expected[i].number);
    }
    fixture_events_done(&events);
    trace_reader_free(r);
    free(expected);
    close(fd);
}

static void events_stay_valid_while_the_cursor_holds(void **state)
{
    (void)state;
    enum { EVENTS = 500 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    for (uint64_t i = 0; i < EVENTS; i++)
        assert_int_equal(fixture_call(w, 1, i, (int64_t)i, 5), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *r = fixture_open(fd);
    struct trace_cursor *c;
    struct err err = {0};
    struct trace_event held[EVENTS];
    assert_int_equal(trace_cursor_open(r, TRACE_ALL_STREAMS, &c, &err), 0);
    trace_cursor_hold(c, true);
    for (size_t i = 0; i < EVENTS; i++)
        assert_int_equal(trace_cursor_next(c, &held[i], &err), 1);
    for (size_t i = 0; i < EVENTS; i++)
        assert_int_equal(held[i].event->time, i);
    trace_cursor_free(c);
    trace_reader_free(r);
    close(fd);
}

static void cursor_of_one_stream_gives_that_stream(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct trace_reader *r = fixture_open(fd);
    for (uint32_t stream = 0; stream < 5; stream++) {
        struct fixture_events events = fixture_events(r, stream);
        assert_int_equal(events.end, 0);
        assert_int_equal(events.len, stream < 3 ? 9 : 0);
        for (size_t i = 0; i < events.len; i++) {
            assert_int_equal(events.items[i].stream, stream);
            assert_int_equal(events.items[i].number, i);
        }
        fixture_events_done(&events);
    }
    trace_reader_free(r);
    close(fd);
}

static void cursors_do_not_disturb_each_other(void **state)
{
    (void)state;
    int fd = fixture_small_trace();
    struct trace_reader *r = fixture_open(fd);
    struct trace_cursor *a, *b;
    struct trace_event ea, eb;
    assert_int_equal(trace_cursor_open(r, TRACE_ALL_STREAMS, &a, NULL), 0);
    assert_int_equal(trace_cursor_next(a, &ea, NULL), 1);
    assert_int_equal(trace_cursor_open(r, TRACE_ALL_STREAMS, &b, NULL), 0);
    assert_int_equal(trace_cursor_next(b, &eb, NULL), 1);
    while (trace_cursor_next(a, &ea, NULL) == 1) {
        assert_int_equal(trace_cursor_next(b, &eb, NULL), 1);
        assert_int_equal(ea.event->time, eb.event->time);
        assert_int_equal(ea.event->syscall->nr, eb.event->syscall->nr);
    }
    assert_int_equal(trace_cursor_next(b, &eb, NULL), 0);
    assert_int_equal(trace_cursor_next(b, &eb, NULL), 0);
    trace_cursor_free(a);
    trace_cursor_free(b);
    trace_cursor_free(NULL);
    trace_reader_free(r);
    close(fd);
}

#ifndef __SANITIZE_ADDRESS__
static size_t heap_in_use(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}
#endif

static void merge_of_streams_that_follow_each_other_takes_little_memory(void **state)
{
    (void)state;
#ifndef __SANITIZE_ADDRESS__
    enum { STREAMS = 300, EVENTS = 20 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    uint64_t time = 0;
    for (uint32_t s = 0; s < STREAMS; s++) {
        for (int i = 0; i < EVENTS; i++)
            assert_int_equal(fixture_call(w, s, ++time, i, 10000), 0);
        assert_int_equal(trace_writer_end_stream(w, s), 0);
    }
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);

    struct trace_reader *r = fixture_open(fd);
    size_t before = heap_in_use(), most = 0, n = 0;
    struct trace_cursor *c;
    struct trace_event e;
    assert_int_equal(trace_cursor_open(r, TRACE_ALL_STREAMS, &c, NULL), 0);
    while (trace_cursor_next(c, &e, NULL) == 1) {
        size_t now = heap_in_use() - before;
        most = now > most ? now : most;
        n++;
    }
    assert_int_equal(n, STREAMS * EVENTS);
    assert_true(most < 2 << 20); /* of 60 MB */
    trace_cursor_free(c);
    trace_reader_free(r);
    close(fd);
#endif
}

/* Six streams whose chunks of 60 MiB all overlap: not all of them can be open at once. */
static void merge_of_huge_chunks_is_exact_in_bounded_memory(void **state)
{
    (void)state;
    enum { STREAMS = 6, EVENTS = 3, SIZE = 20 << 20 };
    struct fixture_raw raw = fixture_raw();
    uint8_t *zeros = calloc(1, SIZE);
    Reprise__Range range = REPRISE__RANGE__INIT, *out = &range;
    range.len = SIZE;
    range.data = (ProtobufCBinaryData){.len = SIZE, .data = zeros};
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    call.n_out = 1;
    call.out = &out;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.body_case = REPRISE__EVENT__BODY_SYSCALL;
    event.syscall = &call;
    struct buf payload = {0};
    for (unsigned i = 0; i < EVENTS; i++) {
        event.time = i > 0 ? 100 : 0;
        assert_int_equal(delimited_append(&payload, &event.base), 0);
    }
    for (unsigned s = 0; s < STREAMS; s++)
        fixture_raw_chunk(
            &raw,
            (struct chunk_head){.kind = CHUNK_EVENTS, .stream = s, .time = s, .count = EVENTS},
            payload.data, payload.len);
    buf_done(&payload);
    free(zeros);

    int fd;
    struct trace_reader *r;
    assert_int_equal(fixture_raw_open(&raw, &fd, &r, NULL), 0);
    struct trace_cursor *c;
    struct trace_event e;
    assert_int_equal(trace_cursor_open(r, TRACE_ALL_STREAMS, &c, NULL), 0);
    for (unsigned i = 0; i < STREAMS * EVENTS; i++) {
        assert_int_equal(trace_cursor_next(c, &e, NULL), 1);
        assert_int_equal(e.event->time, i / STREAMS * 100 + i % STREAMS);
        assert_int_equal(e.stream, i % STREAMS);
        assert_int_equal(e.number, i / STREAMS);
#ifndef __SANITIZE_ADDRESS__
        assert_true(heap_in_use() < 400u << 20);
#endif
    }
    assert_int_equal(trace_cursor_next(c, &e, NULL), 0);
    trace_cursor_free(c);
    trace_reader_free(r);
    close(fd);
}

/* ---- streams that lie ---- */

static Reprise__Event step_event(uint64_t time)
{
    static Reprise__Step step = REPRISE__STEP__INIT;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = 1;
    event.time = time;
    event.body_case = REPRISE__EVENT__BODY_STEP;
    event.step = &step;
    return event;
}

/* The walk over what was built gives `good` events and then an error that contains `part`, and
 * the same again when asked again. */
static void expect_lie_is_found(struct fixture_raw *raw, size_t good, const char *part)
{
    int fd;
    struct trace_reader *r;
    struct err err = {0};
    assert_int_equal(fixture_raw_open(raw, &fd, &r, NULL), 0);
    assert_int_equal(trace_reader_check(r, NULL), -EBADMSG);
    struct trace_cursor *c;
    struct trace_event e;
    int rc = trace_cursor_open(r, TRACE_ALL_STREAMS, &c, &err);
    if (rc == 0) {
        size_t n = 0;
        while ((rc = trace_cursor_next(c, &e, &err)) == 1)
            n++;
        assert_int_equal(n, good);
        assert_int_equal(trace_cursor_next(c, &e, NULL), rc);
        trace_cursor_free(c);
    }
    assert_int_equal(rc, -EBADMSG);
    if (strstr(err.msg, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.msg, part);
    trace_reader_free(r);
    close(fd);
}

static void cursor_finds_a_missing_chunk(void **state)
{
    (void)state;
    struct fixture_raw raw = fixture_raw();
    Reprise__Event event = step_event(0);
    fixture_raw_event(&raw, (struct chunk_head){.seq = 0}, &event);
    fixture_raw_event(&raw, (struct chunk_head){.seq = 2}, &event);
    expect_lie_is_found(&raw, 1, "missing or doubled");
}

static void cursor_finds_a_doubled_chunk(void **state)
{
    (void)state;
    struct fixture_raw raw = fixture_raw();
    Reprise__Event event = step_event(0);
    fixture_raw_event(&raw, (struct chunk_head){.seq = 0}, &event);
    fixture_raw_event(&raw, (struct chunk_head){.seq = 0}, &event);
    expect_lie_is_found(&raw, 1, "missing or doubled");
}

static void cursor_finds_time_that_goes_backwards(void **state)
{
    (void)state;
    struct fixture_raw raw = fixture_raw();
    Reprise__Event event = step_event(50);
    fixture_raw_event(&raw, (struct chunk_head){.seq = 0, .time = 100}, &event);
    fixture_raw_event(&raw, (struct chunk_head){.seq = 1, .time = 149}, &event);
    expect_lie_is_found(&raw, 1, "backwards");
}

static void cursor_finds_time_that_wraps_around(void **state)
{
    (void)state;
    struct fixture_raw raw = fixture_raw();
    Reprise__Event event = step_event(UINT64_MAX - 10);
    fixture_raw_event(&raw, (struct chunk_head){.time = 100}, &event);
    expect_lie_is_found(&raw, 0, "out of range");
}

static void cursor_finds_a_wrong_count(void **state)
{
    (void)state;
    Reprise__Event event = step_event(0);
    struct fixture_raw more = fixture_raw();
    fixture_raw_event(&more, (struct chunk_head){.count = 2}, &event);
    expect_lie_is_found(&more, 0, "as many events");
    struct fixture_raw empty = fixture_raw();
    fixture_raw_chunk(&empty, (struct chunk_head){.kind = CHUNK_EVENTS, .count = 1}, NULL, 0);
    expect_lie_is_found(&empty, 0, "empty");
}

static void cursor_finds_a_message_that_cannot_be_decoded(void **state)
{
    (void)state;
    static const char *const payloads[] = {
        "\x05\x08",                     /* longer than what is there */
        "\x02\x08\xff",                 /* a varint without end */
        "\x03\x1a\x7f\x00",             /* a call longer than its event */
        "\xff\xff\xff\xff\xff\xff\xff", /* a length without end */
    };
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        struct fixture_raw raw = fixture_raw();
        fixture_raw_chunk(&raw, (struct chunk_head){.kind = CHUNK_EVENTS, .count = 1}, payloads[i],
                          strlen(payloads[i]));
        expect_lie_is_found(&raw, 0, "event 0 of stream 0");
    }
}

static void cursor_finds_a_second_time_in_an_event(void **state)
{
    (void)state;
    /* task 1, time 5, step {}, and time 7 once more: the last one counts for protobuf. */
    static const uint8_t payload[] = {8, 0x08, 1, 0x10, 5, 0x5a, 0, 0x10, 7};
    struct fixture_raw raw = fixture_raw();
    fixture_raw_chunk(&raw, (struct chunk_head){.kind = CHUNK_EVENTS, .count = 1}, payload,
                      sizeof payload);
    expect_lie_is_found(&raw, 0, "not where it belongs");
}

static void cursor_finds_an_event_of_no_known_kind(void **state)
{
    (void)state;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = 1;
    struct fixture_raw raw = fixture_raw();
    fixture_raw_event(&raw, (struct chunk_head){0}, &event);
    expect_lie_is_found(&raw, 0, "no known kind");
}

static void cursor_finds_a_payload_of_another_length(void **state)
{
    (void)state;
    static const uint8_t zeros[100000];
    for (int i = 0; i < 2; i++) {
        struct fixture_raw raw = fixture_raw();
        fixture_raw_chunk(
            &raw,
            (struct chunk_head){.kind = CHUNK_EVENTS, .count = 1, .raw_len = i == 0 ? 10 : 200000},
            zeros, sizeof zeros);
        expect_lie_is_found(&raw, 0, "does not decompress");
    }
}

/* A message of many empty parts takes far more memory than bytes: refused, not allocated. */
static void cursor_refuses_a_message_that_would_fill_the_memory(void **state)
{
    (void)state;
    enum { PARTS = 8 << 20 };
    size_t len = PARTS * 2, n = 0;
    uint8_t *payload = malloc(len + 16);
    uint8_t call[8], *p = payload;
    for (size_t v = len; v >= 0x80 || n == 0; v >>= 7) { /* `len` as a varint of four bytes */
        call[n++] = (uint8_t)(v | 0x80);
        if (v >> 7 < 0x80)
            call[n++] = (uint8_t)(v >> 7);
    }
    size_t event = 1 + n + len;
    for (size_t v = event; v > 0; v >>= 7)
        *p++ = (uint8_t)((v & 0x7f) | (v >> 7 > 0 ? 0x80 : 0));
    *p++ = 0x1a;
    memcpy(p, call, n);
    p += n;
    for (size_t i = 0; i < PARTS; i++) {
        *p++ = 0x42; /* an empty range of `out` */
        *p++ = 0;
    }
    struct fixture_raw raw = fixture_raw();
    fixture_raw_chunk(&raw, (struct chunk_head){.kind = CHUNK_EVENTS, .count = 1}, payload,
                      (size_t)(p - payload));
    free(payload);
    expect_lie_is_found(&raw, 0, "cannot be decoded");
}

/* A call that reads zeros and took all the time since the recording began. */
static void put_long_call(struct trace_writer *w, uint32_t stream, uint64_t time, size_t len)
{
    uint8_t *zeros = calloc(1, len);
    assert_non_null(zeros);
    Reprise__Range range = REPRISE__RANGE__INIT, *out = &range;
    range.len = len;
    range.data = (ProtobufCBinaryData){.len = len, .data = zeros};
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    call.duration = time;
    call.n_out = 1;
    call.out = &out;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = stream + 1;
    event.time = time;
    event.body_case = REPRISE__EVENT__BODY_SYSCALL;
    event.syscall = &call;
    assert_int_equal(trace_writer_event(w, stream, &event), 0);
    free(zeros);
}

/* Each stream has one in the midst of it: some kilobytes, which inflate. */
static void cursor_bounds_what_goes_on_at_the_same_time(void **state)
{
    (void)state;
    enum { FEW = 4, MANY = 12, LARGE = 50 << 20 };
    for (uint32_t n = FEW; n <= MANY; n += MANY - FEW) {
        int fd = fixture_file();
        struct trace_writer *w = fixture_writer(fd, 0);
        for (uint32_t i = 0; i < n; i++) {
            put_long_call(w, i, 1, 1);
            put_long_call(w, i, 1000 + i, LARGE);
        }
        assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
        struct trace_reader *r = fixture_open(fd);
        struct trace_cursor *c;
        struct trace_event event;
        struct err err = {0};
        assert_int_equal(trace_cursor_open_by_start(r, &c, NULL), 0);
        int got;
        while ((got = trace_cursor_next(c, &event, &err)) > 0)
            ;
        assert_int_equal(got, n == FEW ? 0 : -EBADMSG);
        if (n == MANY && strstr(err.msg, "too many large events") == NULL)
            fail_msg("%s", err.msg);
        trace_cursor_free(c);
        trace_reader_free(r);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge_goes_by_time_then_stream_then_position),
        cmocka_unit_test(events_stay_valid_while_the_cursor_holds),
        cmocka_unit_test(cursor_of_one_stream_gives_that_stream),
        cmocka_unit_test(cursors_do_not_disturb_each_other),
        cmocka_unit_test(merge_of_streams_that_follow_each_other_takes_little_memory),
        cmocka_unit_test(merge_of_huge_chunks_is_exact_in_bounded_memory),
        cmocka_unit_test(cursor_finds_a_missing_chunk),
        cmocka_unit_test(cursor_finds_a_doubled_chunk),
        cmocka_unit_test(cursor_finds_time_that_goes_backwards),
        cmocka_unit_test(cursor_finds_time_that_wraps_around),
        cmocka_unit_test(cursor_finds_a_wrong_count),
        cmocka_unit_test(cursor_finds_a_message_that_cannot_be_decoded),
        cmocka_unit_test(cursor_finds_a_second_time_in_an_event),
        cmocka_unit_test(cursor_finds_an_event_of_no_known_kind),
        cmocka_unit_test(cursor_finds_a_payload_of_another_length),
        cmocka_unit_test(cursor_bounds_what_goes_on_at_the_same_time),
        cmocka_unit_test(cursor_refuses_a_message_that_would_fill_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

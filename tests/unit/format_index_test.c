/* Tests of the index: its parts, and that nothing it says is believed without proof. */
#include "format/delimited.h"
#include "format_fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t count_kind(const struct trace_reader *r, uint32_t kind)
{
    size_t n = 0;
    for (size_t i = 0; i < trace_reader_chunk_count(r); i++)
        n += trace_reader_chunk(r, i)->kind == kind;
    return n;
}

static void index_in_many_parts_lists_every_chunk(void **state)
{
    (void)state;
    enum { BLOBS = 30000 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    struct blob_id first, id;
    for (uint32_t i = 0; i < BLOBS; i++)
        assert_int_equal(trace_writer_blob(w, &i, sizeof i, i == 0 ? &first : &id), 0);
    assert_int_equal(fixture_call(w, 1, 1, 1, 1), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    for (int whole = 1; whole >= 0; whole--) {
        struct trace_reader *r = fixture_open(fd);
        assert_int_equal(trace_reader_is_torn(r), !whole);
        assert_true(count_kind(r, CHUNK_INDEX) >= 3);
        assert_int_equal(count_kind(r, CHUNK_BLOB), BLOBS);
        uint64_t size = 0;
        assert_int_equal(trace_reader_blob_size(r, first.bytes, 16, &size, NULL), 0);
        assert_int_equal(trace_reader_blob_size(r, id.bytes, 16, &size, NULL), 0);
        assert_int_equal(size, 4);
        if (whole)
            assert_int_equal(trace_reader_check(r, NULL), 0);
        trace_reader_free(r);
        assert_int_equal(ftruncate(fd, st.st_size - CHUNK_OVERHEAD), 0);
    }
    close(fd);
}

/* A trace with one event, ended with an INDEX made of `entries` and an END. */
static struct fixture_raw begin(void)
{
    static Reprise__Step step = REPRISE__STEP__INIT;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = 1;
    event.body_case = REPRISE__EVENT__BODY_STEP;
    event.step = &step;
    struct fixture_raw raw = fixture_raw();
    fixture_raw_event(&raw, (struct chunk_head){.time = 77}, &event);
    return raw;
}

static void end(struct fixture_raw *raw, uint64_t previous, Reprise__IndexEntry *entries, size_t n)
{
    Reprise__IndexEntry *list[4];
    for (size_t i = 0; i < n; i++)
        list[i] = &entries[i];
    Reprise__Index index = REPRISE__INDEX__INIT;
    index.n_chunks = n;
    index.chunks = list;
    struct buf payload = {0};
    assert_int_equal(delimited_append(&payload, &index.base), 0);
    fixture_raw_chunk(raw, (struct chunk_head){.kind = CHUNK_INDEX, .stream = previous, .count = 1},
                      payload.data, payload.len);
    buf_done(&payload);
    fixture_raw_chunk(raw, (struct chunk_head){.kind = CHUNK_END, .stream = raw->last}, NULL, 0);
}

/* Right entries for what begin() made. */
static void right_entries(const struct fixture_raw *raw, Reprise__IndexEntry entries[2])
{
    struct chunk_head head;
    uint64_t offsets[] = {FILE_HEAD_SIZE, raw->last};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(chunk_head_decode(raw->file.data + offsets[i], &head), 0);
        reprise__index_entry__init(&entries[i]);
        entries[i].kind = head.kind;
        entries[i].offset = offsets[i] - (i > 0 ? offsets[i - 1] : 0);
        entries[i].stream = head.stream;
        entries[i].time = head.time;
        entries[i].stored_len = head.stored_len;
        entries[i].raw_len = head.raw_len;
    }
}

static void index_that_is_right_is_taken(void **state)
{
    (void)state;
    struct fixture_raw raw = begin();
    Reprise__IndexEntry entries[2];
    right_entries(&raw, entries);
    end(&raw, 0, entries, 2);
    int fd;
    struct trace_reader *r;
    assert_int_equal(fixture_raw_open(&raw, &fd, &r, NULL), 0);
    assert_false(trace_reader_is_torn(r));
    assert_int_equal(trace_reader_check(r, NULL), 0);
    trace_reader_free(r);
    close(fd);
}

/* Though the index is wrong the event is found by a scan, and the check tells. */
static void expect_scan(struct fixture_raw *raw)
{
    int fd;
    struct trace_reader *r;
    assert_int_equal(fixture_raw_open(raw, &fd, &r, NULL), 0);
    assert_int_equal(trace_reader_check(r, NULL), -EBADMSG);
    struct fixture_events events = fixture_events(r, TRACE_ALL_STREAMS);
    assert_int_equal(events.len, 1);
    assert_int_equal(events.items[0].time, 77);
    fixture_events_done(&events);
    trace_reader_free(r);
    close(fd);
}

static void index_with_a_gap_or_overlap_is_not_believed(void **state)
{
    (void)state;
    for (int lie = 0; lie < 7; lie++) {
        struct fixture_raw raw = begin();
        Reprise__IndexEntry entries[2];
        right_entries(&raw, entries);
        if (lie == 0)
            entries[1].offset++;
        if (lie == 1)
            entries[0].offset = 0;
        if (lie == 2)
            entries[1].offset = UINT64_MAX - 50;
        if (lie == 3)
            entries[1].stored_len += 8;
        if (lie == 4)
            entries[1].kind = 99;
        if (lie == 5)
            entries[1].raw_len = UINT32_MAX;
        end(&raw, 0, entries, lie == 6 ? 1 : 2);
        expect_scan(&raw);
    }
}

/* A few bytes of an INDEX inflate to millions of names, and there can be many of them. */
static void index_names_no_more_blobs_than_it_lists(void **state)
{
    (void)state;
    struct fixture_raw raw = begin();
    Reprise__IndexEntry entries[2], *list[] = {&entries[0], &entries[1]};
    right_entries(&raw, entries);
    Reprise__BlobName name = REPRISE__BLOB_NAME__INIT, *names[] = {&name};
    uint8_t id[BLOB_ID_SIZE] = {1};
    name.id = (ProtobufCBinaryData){.data = id, .len = sizeof id};
    Reprise__Index index = REPRISE__INDEX__INIT;
    index.n_chunks = 2;
    index.chunks = list;
    index.n_blobs = 1;
    index.blobs = names;
    struct buf payload = {0};
    assert_int_equal(delimited_append(&payload, &index.base), 0);
    fixture_raw_chunk(&raw, (struct chunk_head){.kind = CHUNK_INDEX, .count = 1}, payload.data,
                      payload.len);
    buf_done(&payload);
    fixture_raw_chunk(&raw, (struct chunk_head){.kind = CHUNK_END, .stream = raw.last}, NULL, 0);
    expect_scan(&raw);
}

static void index_chain_that_does_not_go_backwards_is_not_believed(void **state)
{
    (void)state;
    for (int lie = 0; lie < 4; lie++) {
        struct fixture_raw raw = begin();
        uint64_t here = raw.file.len;
        const uint64_t targets[] = {here, here + 1, 3, FILE_HEAD_SIZE};
        Reprise__IndexEntry entries[2];
        right_entries(&raw, entries);
        end(&raw, targets[lie], entries, 2);
        expect_scan(&raw);
    }
}

static void entry_that_belies_its_chunk_is_found(void **state)
{
    (void)state;
    for (int lie = 0; lie < 3; lie++) {
        struct fixture_raw raw = begin();
        Reprise__IndexEntry entries[2];
        right_entries(&raw, entries);
        if (lie == 0)
            entries[1].time++;
        if (lie == 1)
            entries[1].stream++;
        if (lie == 2)
            entries[1].raw_len++;
        end(&raw, 0, entries, 2);
        int fd;
        struct trace_reader *r;
        assert_int_equal(fixture_raw_open(&raw, &fd, &r, NULL), 0);
        assert_int_equal(trace_reader_check(r, NULL), -EBADMSG);
        struct fixture_events events = fixture_events(r, TRACE_ALL_STREAMS);
        assert_int_equal(events.end, -EBADMSG);
        fixture_events_done(&events);
        trace_reader_free(r);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_in_many_parts_lists_every_chunk),
        cmocka_unit_test(index_that_is_right_is_taken),
        cmocka_unit_test(index_with_a_gap_or_overlap_is_not_believed),
        cmocka_unit_test(index_names_no_more_blobs_than_it_lists),
        cmocka_unit_test(index_chain_that_does_not_go_backwards_is_not_believed),
        cmocka_unit_test(entry_that_belies_its_chunk_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of the small parts that reader and writer are made of: varints, delimited messages, chunk
 * headers, the arena, the queue. */
#include "format/arena.h"
#include "format/bytes.h"
#include "format/delimited.h"
#include "format/write_queue.h"
#include "format_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void varints_come_back_and_never_run_over(void **state)
{
    (void)state;
    uint8_t bytes[VARINT_MAX + 1];
    for (unsigned bits = 0; bits <= 64; bits++) {
        for (int less = 0; less < 2; less++) {
            uint64_t v = (bits < 64 ? (uint64_t)1 << bits : 0) - (uint64_t)less, got = ~v;
            size_t n = put_varint(bytes, v);
            assert_int_equal(n, varint_size(v));
            assert_int_equal(get_varint(bytes, n, &got), n);
            assert_int_equal(got, v);
            for (size_t cut = 0; cut < n; cut++)
                assert_int_equal(get_varint(bytes, cut, &got), 0);
        }
    }
    memset(bytes, 0xff, sizeof bytes);
    uint64_t v;
    assert_int_equal(get_varint(bytes, sizeof bytes, &v), 0);
}

static void delimited_messages_come_back_in_order(void **state)
{
    (void)state;
    struct buf b = {0};
    Reprise__Step step = REPRISE__STEP__INIT;
    for (uint64_t i = 0; i < 100; i++) {
        step.ip = i << i % 50;
        assert_int_equal(delimited_append(&b, &step.base), 0);
    }
    size_t pos = 0, len;
    const uint8_t *message;
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(delimited_next(b.data, b.len, &pos, &message, &len), 1);
        Reprise__Step *got = reprise__step__unpack(NULL, len, message);
        assert_non_null(got);
        assert_int_equal(got->ip, i << i % 50);
        reprise__step__free_unpacked(got, NULL);
    }
    assert_int_equal(delimited_next(b.data, b.len, &pos, &message, &len), 0);
    pos = 0;
    assert_int_equal(delimited_next((const uint8_t *)"\x05"
                                                     "1234",
                                    5, &pos, &message, &len),
                     -EBADMSG);
    buf_done(&b);
}

static void chunk_head_comes_back_and_any_change_shows(void **state)
{
    (void)state;
    uint8_t chunk[CHUNK_OVERHEAD + 5] = {0}, changed[sizeof chunk];
    memcpy(chunk + CHUNK_HEAD_SIZE, "hello", 5);
    struct chunk_head head = {.kind = CHUNK_EVENTS,
                              .stream = UINT64_MAX - 1,
                              .time = 1234567890123456789,
                              .complete = 99,
                              .seq = 7,
                              .count = 9,
                              .raw_len = CHUNK_RAW_MAX,
                              .stored_len = 5};
    chunk_seal(chunk, &head);
    struct chunk_head got;
    assert_int_equal(chunk_head_decode(chunk, &got), 0);
    assert_int_equal(got.kind, head.kind);
    assert_int_equal(got.stream, head.stream);
    assert_int_equal(got.time, head.time);
    assert_int_equal(got.complete, head.complete);
    assert_int_equal(got.seq, head.seq);
    assert_int_equal(got.count, head.count);
    assert_int_equal(got.raw_len, head.raw_len);
    assert_int_equal(got.stored_len, head.stored_len);
    assert_true(chunk_sum_ok(chunk, 5));
    for (size_t i = 0; i < sizeof chunk * 8; i++) {
        memcpy(changed, chunk, sizeof chunk);
        changed[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_equal(chunk_head_decode(changed, &got), i / 8 < CHUNK_HEAD_SIZE ? -EBADMSG : 0);
        assert_false(chunk_sum_ok(changed, 5));
    }
}

static void chunk_head_beyond_the_caps_is_refused(void **state)
{
    (void)state;
    uint8_t chunk[CHUNK_OVERHEAD];
    struct chunk_head got;
    static const struct chunk_head bad[] = {
        {.kind = 0},
        {.kind = CHUNK_END + 1},
        {.kind = CHUNK_BLOB, .raw_len = CHUNK_RAW_MAX + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        chunk_seal(chunk, &bad[i]);
        assert_int_equal(chunk_head_decode(chunk, &got), -EBADMSG);
    }
    assert_string_equal(chunk_kind_name(CHUNK_BLOBNAME), "BLOBNAME");
    assert_string_equal(chunk_kind_name(0), "?");
    assert_string_equal(chunk_kind_name(CHUNK_END + 1), "?");
}

static void arena_gives_aligned_memory_up_to_its_limit(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    for (int round = 0; round < 3; round++) {
        uint64_t seed = 3;
        for (int i = 0; i < 1000; i++) {
            size_t size = fixture_random(&seed) % 300;
            uint8_t *p = arena_alloc(&a, size);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            memset(p, 0xaa, size);
        }
        assert_non_null(arena_alloc(&a, 300000));
        assert_null(arena_alloc(&a, 1 << 20));
        assert_null(arena_alloc(&a, SIZE_MAX));
        arena_reset(&a);
    }
    arena_done(&a);
    arena_done(NULL);
}

static void arena_does_not_keep_a_huge_block(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 64 << 20);
    assert_non_null(arena_alloc(&a, 32 << 20));
    arena_reset(&a);
    assert_int_equal(a.total, 0);
    assert_non_null(arena_alloc(&a, 10));
    arena_reset(&a);
    assert_true(a.total > 0);
    arena_done(&a);
}

static void queue_gives_jobs_in_order_and_counts_their_memory(void **state)
{
    (void)state;
    struct write_queue q = {0};
    size_t bytes = 0;
    for (uint32_t i = 0; i < 10; i++) {
        struct buf raw = {0};
        assert_int_equal(buf_append(&raw, "0123456789", i), 0);
        bytes += raw.cap;
        assert_int_equal(write_queue_push(&q, (struct chunk_head){.seq = i}, raw), 0);
    }
    assert_int_equal(q.bytes, bytes);
    assert_int_equal(q.pushed, 10);
    for (uint32_t i = 0; i < 8; i++) {
        struct write_job *job = write_queue_pop(&q);
        assert_non_null(job);
        assert_int_equal(job->head.seq, i);
        assert_int_equal(job->head.raw_len, i);
        write_job_free(job);
    }
    write_queue_done(&q);
    assert_null(write_queue_pop(&q));
    write_job_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_come_back_and_never_run_over),
        cmocka_unit_test(delimited_messages_come_back_in_order),
        cmocka_unit_test(chunk_head_comes_back_and_any_change_shows),
        cmocka_unit_test(chunk_head_beyond_the_caps_is_refused),
        cmocka_unit_test(arena_gives_aligned_memory_up_to_its_limit),
        cmocka_unit_test(arena_does_not_keep_a_huge_block),
        cmocka_unit_test(queue_gives_jobs_in_order_and_counts_their_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

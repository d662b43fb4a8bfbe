/* code/file_window.c: what is there can be read, and nothing else. */
#include "code/file_window.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SIZE = 100000 };

struct counted {
    unsigned reads;
    bool fails;
};

static bool read_numbers(void *ctx, uint64_t offset, void *buf, size_t len)
{
    struct counted *counted = ctx;
    uint8_t *p = buf;
    counted->reads++;
    if (counted->fails || offset > SIZE || len > SIZE - offset)
        return false;
    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)((offset + i) * 7 >> 3);
    return true;
}

static void all_bytes_can_be_read_in_few_calls(void **state)
{
    (void)state;
    struct counted counted = {0};
    struct code_file file = {read_numbers, &counted, SIZE};
    struct file_window w = {.file = &file, .ahead = sizeof w.bytes};
    for (uint64_t at = 0; at + 5 <= SIZE; at += 5) {
        const uint8_t *p = file_window_at(&w, at, 5);
        assert_non_null(p);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(p[i], (uint8_t)((at + i) * 7 >> 3));
    }
    assert_true(counted.reads < 10);
    assert_non_null(file_window_at(&w, 3, sizeof w.bytes)); /* back again */
}

static void nothing_is_behind_the_end(void **state)
{
    (void)state;
    struct counted counted = {0};
    struct code_file file = {read_numbers, &counted, SIZE};
    struct file_window w = {.file = &file, .ahead = 64};
    assert_non_null(file_window_at(&w, SIZE - 4, 4));
    assert_null(file_window_at(&w, SIZE - 4, 5));
    assert_null(file_window_at(&w, SIZE + 1, 0));
    assert_null(file_window_at(&w, UINT64_MAX - 2, 8));
    assert_null(file_window_at(&w, 0, sizeof w.bytes + 1));
}

static void a_failed_read_is_not_taken_for_bytes(void **state)
{
    (void)state;
    struct counted counted = {0};
    struct code_file file = {read_numbers, &counted, SIZE};
    struct file_window w = {.file = &file, .ahead = 64};
    assert_non_null(file_window_at(&w, 0, 4));
    counted.fails = true;
    assert_null(file_window_at(&w, 1000, 4));
    assert_null(file_window_at(&w, 0, 4)); /* the window is lost */
    counted.fails = false;
    assert_non_null(file_window_at(&w, 0, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_bytes_can_be_read_in_few_calls),
        cmocka_unit_test(nothing_is_behind_the_end),
        cmocka_unit_test(a_failed_read_is_not_taken_for_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

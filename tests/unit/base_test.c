/* Tests of base: growable buffers, errors that carry a message, the map, scope cleanup. */
#include "base/buf.h"
#include "base/err.h"
#include "base/map64.h"
#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void buf_keeps_what_was_appended(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buf_append(&b, &(uint8_t){(uint8_t)i}, 1), 0);
    assert_int_equal(b.len, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(b.data[i], (uint8_t)i);
    buf_done(&b);
    assert_null(b.data);
    assert_int_equal(b.len, 0);
}

static void buf_takes_an_empty_append(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_int_equal(buf_append(&b, NULL, 0), 0);
    assert_int_equal(b.len, 0);
    buf_done(&b);
    buf_done(NULL);
}

static void buf_clear_keeps_the_memory(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_int_equal(buf_append(&b, "abc", 3), 0);
    uint8_t *data = b.data;
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_int_equal(buf_append(&b, "defg", 4), 0);
    assert_ptr_equal(b.data, data);
    assert_memory_equal(b.data, "defg", 4);
    buf_done(&b);
}

static void buf_refuses_a_length_that_overflows(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_int_equal(buf_append(&b, "abc", 3), 0);
    struct buf before = b;
    assert_int_equal(buf_reserve(&b, SIZE_MAX), -ENOMEM);
    assert_int_equal(buf_reserve(&b, SIZE_MAX - 3), -ENOMEM);
    assert_memory_equal(&b, &before, sizeof b);
    buf_done(&b);
}

static void err_keeps_the_first_failure(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, EINVAL, "chunk %d is torn", 7), -EINVAL);
    assert_int_equal(err_set(&e, EIO, "later"), -EIO);
    assert_int_equal(e.code, EINVAL);
    assert_string_equal(e.msg, "chunk 7 is torn");
}

static void err_sys_appends_the_text_of_the_number(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_sys(&e, ENOENT, "open %s", "x"), -ENOENT);
    assert_string_equal(e.msg, "open x: No such file or directory");
}

static void err_cuts_a_message_that_is_too_long(void **state)
{
    (void)state;
    struct err e = {0};
    char text[sizeof e.msg + 100];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    assert_int_equal(err_sys(&e, ENOENT, "%s", text), -ENOENT);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
}

static void more_is_appended_to_a_failure_only(void **state)
{
    (void)state;
    struct err e = {0};
    char text[sizeof e.msg];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    err_append(&e, "no failure");
    assert_string_equal(e.msg, "");
    err_set(&e, EIO, "torn");
    err_append(&e, ", at %d", 7);
    assert_string_equal(e.msg, "torn, at 7");
    assert_int_equal(e.code, EIO);
    err_append(&e, "%s", text);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
}

static void err_may_be_absent(void **state)
{
    (void)state;
    err_append(NULL, "nobody reads this");
    assert_int_equal(err_set(NULL, EPERM, "nobody reads this"), -EPERM);
    assert_int_equal(err_sys(NULL, EPERM, "nor this"), -EPERM);
}

static uint64_t key_of(uint64_t i)
{
    return i * 0x100000001u + (i % 3 == 0 ? 0 : i << 40);
}

static void map_finds_what_was_put(void **state)
{
    (void)state;
    static int values[5000];
    struct map64 m = {0};
    assert_null(map64_get(&m, 0));
    assert_null(map64_take(&m, 0));
    for (uint64_t i = 0; i < 5000; i++)
        assert_int_equal(map64_put(&m, key_of(i), &values[i]), 0);
    assert_int_equal(m.len, 5000);
    for (uint64_t i = 0; i < 5000; i++)
        assert_ptr_equal(map64_get(&m, key_of(i)), &values[i]);
    assert_null(map64_get(&m, key_of(5001)));
    map64_done(&m);
    map64_done(NULL);
}

static void map_put_replaces(void **state)
{
    (void)state;
    int a, b;
    struct map64 m = {0};
    assert_int_equal(map64_put(&m, 7, &a), 0);
    assert_int_equal(map64_put(&m, 7, &b), 0);
    assert_int_equal(m.len, 1);
    assert_ptr_equal(map64_get(&m, 7), &b);
    map64_done(&m);
}

static void map_does_not_grow_when_entries_come_and_go(void **state)
{
    (void)state;
    int value;
    struct map64 m = {0};
    for (uint64_t i = 0; i < 100000; i++) {
        assert_int_equal(map64_put(&m, i, &value), 0);
        if (i >= 10)
            assert_ptr_equal(map64_take(&m, i - 10), &value);
    }
    assert_int_equal(m.len, 10);
    assert_true(m.cap <= 64);
    for (uint64_t i = 99990; i < 100000; i++)
        assert_ptr_equal(map64_get(&m, i), &value);
    map64_done(&m);
}

static void map_walk_visits_each_once_and_may_take_out(void **state)
{
    (void)state;
    static int values[100];
    struct map64 m = {0};
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(map64_put(&m, i, &values[i]), 0);
    size_t pos = 0;
    for (int *v; (v = map64_next(&m, &pos)) != NULL;) {
        ++*v;
        assert_ptr_equal(map64_take(&m, (uint64_t)(v - values)), v);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(values[i], 1);
    assert_int_equal(m.len, 0);
    pos = 0;
    assert_null(map64_next(&m, &pos));
    map64_done(&m);
}

static char *make_and_hand_over(void)
{
    char *p SCOPE_FREE = strdup("handed over");
    char *dropped SCOPE_FREE = strdup("freed by the scope");
    assert_non_null(dropped);
    return TAKE(p);
}

static void scope_frees_what_was_not_taken(void **state)
{
    (void)state;
    char *p SCOPE_FREE = make_and_hand_over();
    assert_string_equal(p, "handed over");
}

static void scope_closes_what_was_not_taken(void **state)
{
    (void)state;
    int closed, taken;
    {
        int a SCOPE_CLOSE = open("/dev/null", O_RDONLY | O_CLOEXEC);
        int b SCOPE_CLOSE = open("/dev/null", O_RDONLY | O_CLOEXEC);
        int none SCOPE_CLOSE = -1;
        assert_int_equal(none, -1);
        closed = a;
        taken = take_fd(&b);
        assert_int_equal(b, -1);
    }
    assert_int_equal(fcntl(closed, F_GETFD), -1);
    assert_int_not_equal(fcntl(taken, F_GETFD), -1);
    close(taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_keeps_what_was_appended),
        cmocka_unit_test(buf_takes_an_empty_append),
        cmocka_unit_test(buf_clear_keeps_the_memory),
        cmocka_unit_test(buf_refuses_a_length_that_overflows),
        cmocka_unit_test(err_keeps_the_first_failure),
        cmocka_unit_test(err_sys_appends_the_text_of_the_number),
        cmocka_unit_test(err_cuts_a_message_that_is_too_long),
        cmocka_unit_test(more_is_appended_to_a_failure_only),
        cmocka_unit_test(err_may_be_absent),
        cmocka_unit_test(map_finds_what_was_put),
        cmocka_unit_test(map_put_replaces),
        cmocka_unit_test(map_does_not_grow_when_entries_come_and_go),
        cmocka_unit_test(map_walk_visits_each_once_and_may_take_out),
        cmocka_unit_test(scope_frees_what_was_not_taken),
        cmocka_unit_test(scope_closes_what_was_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

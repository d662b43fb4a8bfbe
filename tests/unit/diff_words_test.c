/* Unit tests of words in text: what is replaced, and what is left as it is. */
#include "diff/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint64_t mix(const struct words *w, const char *text)
{
    struct mixer m = {0};
    words_mix(w, &m, text, strlen(text), NULL, NULL);
    return m.norm;
}

static void names_of_temporary_files_are_followed(void **state)
{
    (void)state;
    struct words a = {0}, b = {0};
    assert_int_equal(words_add_temp(&a, "/tmp/cc3xYzQ9.s", 15, 7), 0);
    assert_int_equal(words_add_temp(&b, "/tmp/ccAbCdEf.s", 15, 7), 0);
    assert_true(mix(&a, "as -o x.o /tmp/cc3xYzQ9.s") == mix(&b, "as -o x.o /tmp/ccAbCdEf.s"));
    assert_true(mix(&a, "/tmp/cc3xYzQ9.s") != mix(&b, "/tmp/ccAbCdEf.o"));
    assert_true(mix(&a, "/tmp/ccAbCdEf.s") != mix(&b, "/tmp/ccAbCdEf.s"));
    words_done(&a);
    words_done(&b);
}

static void numbers_of_tasks_are_replaced_as_whole_words(void **state)
{
    (void)state;
    struct words a = {0}, b = {0};
    assert_int_equal(words_add_number(&a, 4242, IGNORED_TASK_ID, 1), 0);
    assert_int_equal(words_add_number(&b, 777, IGNORED_TASK_ID, 1), 0);
    assert_true(mix(&a, "pid 4242 is ready") == mix(&b, "pid 777 is ready"));
    assert_true(mix(&a, "14242") != mix(&b, "1777"));
    assert_true(mix(&a, "x4242") != mix(&b, "x777"));
    words_done(&a);
    words_done(&b);
}

static void the_literal_hash_takes_text_as_it_is(void **state)
{
    (void)state;
    struct words a = {0}, b = {0};
    assert_int_equal(words_add_number(&a, 1996, IGNORED_TASK_ID, 1), 0);
    struct mixer x = {0}, y = {0};
    words_mix(&a, &x, "since 1996", 10, NULL, NULL);
    words_mix(&b, &y, "since 1996", 10, NULL, NULL);
    assert_true(x.norm != y.norm);
    assert_true(x.literal == y.literal);
    words_done(&a);
    words_done(&b);
}

static void times_count_only_within_the_recording(void **state)
{
    (void)state;
    /* 2026-11-21 09:04:45 UTC, 10 s after the start */
    struct words w = {.start_s = 1795251875, .now_s = 1795251885};
    assert_true(mix(&w, "at 09:04:44 GMT") == mix(&w, "at 09:04:40 GMT"));
    assert_true(mix(&w, "at 10:04:44 CET") == mix(&w, "at 10:04:40 CET"));
    assert_true(mix(&w, "at 09:14:44 GMT") != mix(&w, "at 09:04:40 GMT"));
    assert_true(mix(&w, "1795251880") == mix(&w, "1795251881"));
    assert_true(mix(&w, "1795251880") != mix(&w, "1795251180"));
    assert_true(mix(&w, "00:09:04:44") != mix(&w, "00:09:04:40")); /* no time: an address */
    struct words none = {0};
    assert_true(mix(&none, "at 09:04:44") != mix(&none, "at 09:04:40"));
}

static void strict_kinds_are_not_replaced(void **state)
{
    (void)state;
    struct words a = {0}, b = {0};
    assert_int_equal(words_add_number(&a, 4242, IGNORED_TASK_ID, 1), 0);
    assert_int_equal(words_add_number(&b, 7777, IGNORED_TASK_ID, 1), 0);
    struct mixer x = {.strict = IGNORED_BIT(IGNORED_TASK_ID)}, y = x;
    words_mix(&a, &x, "pid 4242", 8, NULL, NULL);
    words_mix(&b, &y, "pid 7777", 8, NULL, NULL);
    assert_true(x.norm != y.norm);
    assert_int_equal(x.kinds, 0);
    words_done(&a);
    words_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_temporary_files_are_followed),
        cmocka_unit_test(numbers_of_tasks_are_replaced_as_whole_words),
        cmocka_unit_test(the_literal_hash_takes_text_as_it_is),
        cmocka_unit_test(times_count_only_within_the_recording),
        cmocka_unit_test(strict_kinds_are_not_replaced),
    };
    return cmocka_run_group_tests_name("diff.words", tests, NULL, NULL);
}

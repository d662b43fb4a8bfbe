/* task/rep_span.c: what a repeated string instruction may read and write. */
#include "task/rep_span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MOVSB (const uint8_t *)"\xf3\xa4", 2
#define MOVSW (const uint8_t *)"\xf3\x66\xa5", 3
#define STOSD (const uint8_t *)"\xf3\xab", 2
#define CMPSQ (const uint8_t *)"\xf3\x48\xa7", 3

static const struct user_regs_struct up = {.rcx = 10, .rsi = 1000, .rdi = 5000};
static const struct user_regs_struct down = {.rcx = 10, .rsi = 1000, .rdi = 5000, .eflags = 0x400};

static void source_and_destination_are_touched_element_by_element(void **state)
{
    (void)state;
    assert_true(rep_may_touch(MOVSB, &up, 1000));
    assert_true(rep_may_touch(MOVSB, &up, 5009));
    assert_false(rep_may_touch(MOVSB, &up, 5010));
    assert_false(rep_may_touch(MOVSB, &up, 999));
    assert_true(rep_may_touch(MOVSW, &up, 1019));
    assert_false(rep_may_touch(MOVSW, &up, 1020));
    assert_true(rep_may_touch(STOSD, &up, 5039));
    assert_false(rep_may_touch(STOSD, &up, 5040));
    assert_true(rep_may_touch(CMPSQ, &up, 5079));
    assert_false(rep_may_touch(CMPSQ, &up, 5080));
}

static void downwards_is_counted_from_the_end_of_the_first_element(void **state)
{
    (void)state;
    assert_true(rep_may_touch(CMPSQ, &down, 1007));
    assert_false(rep_may_touch(CMPSQ, &down, 1008));
    assert_true(rep_may_touch(CMPSQ, &down, 1000 - 72));
    assert_false(rep_may_touch(CMPSQ, &down, 1000 - 73));
}

static void nothing_left_to_do_touches_nothing(void **state)
{
    (void)state;
    const struct user_regs_struct over = {.rcx = 0, .rsi = 1000, .rdi = 5000};
    assert_false(rep_may_touch(MOVSB, &over, 1000));
    assert_false(rep_may_touch(MOVSB, &over, 5000));
}

static void what_cannot_be_told_may_touch_all(void **state)
{
    (void)state;
    const struct user_regs_struct endless = {.rcx = ~0ull, .rsi = 1000, .rdi = 5000};
    assert_true(rep_may_touch(CMPSQ, &endless, 77));
    assert_true(rep_may_touch((const uint8_t *)"\xf3\x64\xa4", 3, &up, 77)); /* fs: */
    assert_true(rep_may_touch((const uint8_t *)"\xf3\x67\xa4", 3, &up, 77)); /* esi, edi */
    assert_true(rep_may_touch((const uint8_t *)"\xf3\x6c", 2, &up, 77));     /* insb */
    assert_true(rep_may_touch((const uint8_t *)"\xf3", 1, &up, 77));
    assert_true(rep_may_touch((const uint8_t *)"\xf3\x90", 2, &up, 77));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_and_destination_are_touched_element_by_element),
        cmocka_unit_test(downwards_is_counted_from_the_end_of_the_first_element),
        cmocka_unit_test(nothing_left_to_do_touches_nothing),
        cmocka_unit_test(what_cannot_be_told_may_touch_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

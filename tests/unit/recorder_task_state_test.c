/* The states of a task: what the table allows is what the recorder's control flow means. */
#include "recorder/task_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static unsigned followers(enum task_state from)
{
    unsigned set = 0;
    for (unsigned to = 0; to < N_TASK_STATES; to++)
        if (to != from && task_state_may_follow(from, to))
            set |= 1u << to;
    return set;
}

static void each_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_TASK_STATES; i++) {
        assert_non_null(task_state_name(i));
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(task_state_name(i), task_state_name(j));
    }
}

static void a_state_may_stay_as_it_is(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_TASK_STATES; i++)
        assert_true(task_state_may_follow(i, i));
}

static void every_state_is_reached_from_birth(void **state)
{
    (void)state;
    unsigned reached = 1u << TASK_NEW, before = 0;
    while (reached != before) {
        before = reached;
        for (unsigned i = 0; i < N_TASK_STATES; i++)
            if ((before >> i & 1) != 0)
                reached |= followers(i);
    }
    assert_int_equal(reached, (1u << N_TASK_STATES) - 1);
}

static void nobody_is_born_twice(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_TASK_STATES; i++)
        assert_int_equal(followers(i) >> TASK_NEW & 1, 0);
}

static void the_dying_do_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(followers(TASK_DYING), 1u << TASK_LEFT);
    assert_int_equal(followers(TASK_LEFT), 0);
}

static void all_that_are_recorded_may_die_and_may_be_left(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TASK_DYING; i++) {
        assert_true(task_state_may_follow(i, TASK_DYING));
        assert_true(task_state_may_follow(i, TASK_LEFT));
    }
}

/* A call's buffers and its entry are dealt with by a task that runs. */
static void calls_and_execs_begin_where_a_task_runs(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_TASK_STATES; i++) {
        assert_int_equal(task_state_may_follow(i, TASK_IN_CALL),
                         i == TASK_USER || i == TASK_IN_CALL);
        assert_int_equal(task_state_may_follow(i, TASK_IN_EXEC),
                         i == TASK_USER || i == TASK_IN_EXEC);
    }
}

/* Without the token nobody waits for it in an exec, and nobody who is in the kernel is held. */
static void who_is_in_the_kernel_comes_out_first(void **state)
{
    (void)state;
    assert_false(task_state_may_follow(TASK_IN_CALL, TASK_HELD));
    assert_false(task_state_may_follow(TASK_IN_EXEC, TASK_HELD));
    assert_false(task_state_may_follow(TASK_IN_EXEC, TASK_READY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_a_name_of_its_own),
        cmocka_unit_test(a_state_may_stay_as_it_is),
        cmocka_unit_test(every_state_is_reached_from_birth),
        cmocka_unit_test(nobody_is_born_twice),
        cmocka_unit_test(the_dying_do_nothing_else),
        cmocka_unit_test(all_that_are_recorded_may_die_and_may_be_left),
        cmocka_unit_test(calls_and_execs_begin_where_a_task_runs),
        cmocka_unit_test(who_is_in_the_kernel_comes_out_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

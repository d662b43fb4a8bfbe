/* Unit tests of what is kept of very many differences. */
#include "diff/points.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 2000000
#define KEPT (1u << 18)

static void add(struct points *points, enum point_kind kind, uint32_t order)
{
    assert_int_equal(
        points_add(points, &(struct point){.kind = (uint8_t)kind, .order = order, .call = order}),
        0);
}

static void first_of_many_differences_are_kept_and_the_rest_counted(void **state)
{
    (void)state;
    struct points points = {0};
    for (uint32_t i = 1; i <= MANY; i++)
        add(&points, POINT_MISSING, i);
    add(&points, POINT_CALL, MANY + 1); /* others have a place of their own */
    assert_int_equal(points.n, KEPT + 1);
    assert_int_equal(points.left_out, MANY - KEPT);
    assert_int_equal(points.v[KEPT - 1].order, KEPT);
    assert_int_equal(points.v[KEPT].kind, POINT_CALL);
    points_done(&points);
}

/* The cause of an act is looked for among them, from the act back. */
static void ignored_differences_right_before_the_first_act_are_kept(void **state)
{
    (void)state;
    struct points points = {0};
    for (uint32_t i = 1; i <= MANY; i++)
        add(&points, POINT_IGNORED, i);
    add(&points, POINT_CALL, MANY + 1);
    for (uint32_t i = MANY + 2; i <= MANY * 2; i++)
        add(&points, POINT_IGNORED, i);
    points_sort(&points);
    assert_true(points.n <= KEPT + 1);
    assert_int_equal(points.left_out, 0);
    assert_int_equal(points.v[0].order, 1);
    size_t act = 0;
    while (points.v[act].kind != POINT_CALL)
        act++;
    assert_true(act > 1000);
    for (uint32_t i = 1; i <= 1000; i++)
        assert_int_equal(points.v[act - i].order, MANY + 1 - i);
    points_done(&points);
}

static void what_is_there_at_another_place_is_weak(void **state)
{
    (void)state;
    struct points points = {0};
    add(&points, POINT_MISSING, 7);
    add(&points, POINT_MISSING, 8);
    add(&points, POINT_EXTRA, 7);
    assert_int_equal(points_mark_moved(&points), 2);
    assert_true(points.v[0].weak);
    assert_false(points.v[1].weak);
    assert_true(points.v[2].weak);
    points_done(&points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_of_many_differences_are_kept_and_the_rest_counted),
        cmocka_unit_test(ignored_differences_right_before_the_first_act_are_kept),
        cmocka_unit_test(what_is_there_at_another_place_is_weak),
    };
    return cmocka_run_group_tests_name("diff.points", tests, NULL, NULL);
}

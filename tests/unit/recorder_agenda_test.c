/* What handlers leave to be done is done in the order in which they said so, each task once. */
#include "recorder/agenda.h"
#include "recorder/stops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>

static void first_come_is_first_served(void **state)
{
    struct recorder r = {0};
    struct task a = {0}, b = {0}, c = {0};
    unsigned what;
    (void)state;
    task_resume(&r, &b, SIGUSR1);
    agenda_due(&r, &a);
    agenda_queued(&r, &c);
    assert_ptr_equal(agenda_next(&r, &what), &b);
    assert_int_equal(what, AGENDA_RESUME);
    assert_int_equal(b.todo.signo, SIGUSR1);
    assert_ptr_equal(agenda_next(&r, &what), &a);
    assert_int_equal(what, AGENDA_DUE);
    assert_ptr_equal(agenda_next(&r, &what), &c);
    assert_int_equal(what, AGENDA_QUEUED);
    assert_null(agenda_next(&r, &what));
}

static void what_follows_from_a_thing_comes_before_the_next(void **state)
{
    struct recorder r = {0};
    struct task a = {0}, b = {0}, c = {0}, d = {0};
    unsigned what;
    (void)state;
    agenda_due(&r, &a);
    task_resume(&r, &b, 0);
    assert_ptr_equal(agenda_next(&r, &what), &a);
    task_resume(&r, &a, 0);
    agenda_due(&r, &c);
    assert_ptr_equal(agenda_next(&r, &what), &a);
    assert_int_equal(what, AGENDA_RESUME);
    task_resume(&r, &d, 0);
    assert_ptr_equal(agenda_next(&r, &what), &d);
    assert_ptr_equal(agenda_next(&r, &what), &c);
    assert_ptr_equal(agenda_next(&r, &what), &b);
    assert_null(agenda_next(&r, &what));
}

static void a_task_is_there_once_with_all_that_is_due(void **state)
{
    struct recorder r = {0};
    struct task a = {0}, b = {0};
    unsigned what;
    (void)state;
    agenda_queued(&r, &a);
    task_resume(&r, &b, 0);
    agenda_due(&r, &a);
    assert_ptr_equal(agenda_next(&r, &what), &a);
    assert_int_equal(what, AGENDA_QUEUED | AGENDA_DUE);
    assert_ptr_equal(agenda_next(&r, &what), &b);
    assert_null(agenda_next(&r, &what));
}

static void the_dead_are_handed_out_once(void **state)
{
    struct recorder r = {0};
    struct task a = {0}, b = {0};
    (void)state;
    agenda_bury(&r, &a);
    agenda_bury(&r, &b);
    assert_non_null(agenda_next_buried(&r));
    assert_non_null(agenda_next_buried(&r));
    assert_null(agenda_next_buried(&r));
}

/* No process is waited for as long as there is something that was met. */
static void stops_that_were_met_come_first_and_in_order(void **state)
{
    struct recorder r = {0};
    (void)state;
    assert_false(stops_are_left(&r));
    stops_met(&r, 11, 0x57f);
    stops_met(&r, 12, 0);
    assert_true(stops_are_left(&r));
    struct told told = stops_next(&r);
    assert_int_equal(told.tid, 11);
    assert_int_equal(told.status, 0x57f);
    stops_met(&r, 13, 9);
    assert_int_equal(stops_next(&r).tid, 12);
    assert_int_equal(stops_next(&r).tid, 13);
    assert_false(stops_are_left(&r));
    assert_int_equal(stops_next(&r).tid, -1); /* we have no children */
    assert_int_equal(r.n_stops, 0);
    buf_done(&r.stops.met);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_is_first_served),
        cmocka_unit_test(what_follows_from_a_thing_comes_before_the_next),
        cmocka_unit_test(a_task_is_there_once_with_all_that_is_due),
        cmocka_unit_test(the_dead_are_handed_out_once),
        cmocka_unit_test(stops_that_were_met_come_first_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

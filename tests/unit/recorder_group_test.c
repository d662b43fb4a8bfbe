/* One task of a group at a time has the token; the others get it in the order in which they asked.
 * Nobody runs before the loop says so. */
#include "recorder/group.h"

#include "recorder/agenda.h"
#include "recorder/slices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

enum { TASKS = 3 };

struct scene {
    struct recorder r;
    struct recorder_options options;
    struct task t[TASKS];
    struct group *group;
};

static void set_up(struct scene *s)
{
    *s = (struct scene){0};
    s->r.options = &s->options;
    assert_int_equal(slices_new(&s->r), 0);
    for (int i = 0; i < TASKS; i++)
        s->t[i] = (struct task){.tid = 10 + i, .pid = 10, .state = TASK_USER};
    group_found(&s->r, &s->t[0]);
    s->group = s->t[0].group;
    for (int i = 1; i < TASKS; i++) {
        s->t[i].state = TASK_IN_CALL;
        group_join(&s->t[i], s->group);
    }
}

static void tear_down(struct scene *s)
{
    slices_free(&s->r);
    free(s->group);
}

/* The task has the token, and what is due is on the agenda, alone. */
static void check_granted(struct scene *s, struct task *t)
{
    unsigned what;
    assert_true(group_has_token(t));
    assert_ptr_equal(agenda_next(&s->r, &what), t);
    assert_int_equal(what, AGENDA_DUE);
    assert_null(agenda_next(&s->r, &what));
}

static void check_nothing_to_do(struct scene *s)
{
    unsigned what;
    assert_null(agenda_next(&s->r, &what));
}

static void who_founds_a_group_has_its_token(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    assert_true(group_has_token(&s.t[0]));
    assert_false(group_has_token(&s.t[1]));
    assert_int_equal(s.group->n_tasks, TASKS);
    check_nothing_to_do(&s);
    tear_down(&s);
}

static void the_token_goes_to_who_asked_first(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    group_wait_for_token(&s.r, &s.t[2], DUE_EXIT);
    group_wait_for_token(&s.r, &s.t[1], DUE_RESUME);
    assert_int_equal(s.t[1].state, TASK_READY);
    assert_int_equal(s.t[2].state, TASK_READY);
    check_nothing_to_do(&s);
    group_release_token(&s.r, &s.t[1]); /* which it has not */
    assert_true(group_has_token(&s.t[0]));
    group_release_token(&s.r, &s.t[0]);
    check_granted(&s, &s.t[2]);
    assert_int_equal(s.t[2].due, DUE_EXIT);
    group_release_token(&s.r, &s.t[2]);
    check_granted(&s, &s.t[1]);
    group_release_token(&s.r, &s.t[1]);
    assert_null(s.group->holder);
    tear_down(&s);
}

static void a_token_that_nobody_has_is_got_at_once(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    group_release_token(&s.r, &s.t[0]);
    assert_null(s.group->holder);
    group_wait_for_token(&s.r, &s.t[1], DUE_SIGNAL);
    check_granted(&s, &s.t[1]);
    assert_int_equal(s.t[1].due, DUE_SIGNAL);
    tear_down(&s);
}

static void who_hands_over_stands_last(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    assert_false(group_hand_over(&s.r, &s.t[0])); /* nobody waits */
    group_wait_for_token(&s.r, &s.t[1], DUE_EXIT);
    group_wait_for_token(&s.r, &s.t[2], DUE_EXIT);
    assert_false(group_yield(&s.r, &s.t[0])); /* it has not had it for long */
    assert_true(group_hand_over(&s.r, &s.t[0]));
    assert_int_equal(s.t[0].state, TASK_READY);
    check_granted(&s, &s.t[1]);
    group_release_token(&s.r, &s.t[1]);
    check_granted(&s, &s.t[2]);
    group_release_token(&s.r, &s.t[2]);
    check_granted(&s, &s.t[0]);
    assert_int_equal(s.t[0].due, DUE_RESUME);
    tear_down(&s);
}

static void who_leaves_takes_the_token_with_it(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    group_wait_for_token(&s.r, &s.t[1], DUE_EXIT);
    group_wait_for_token(&s.r, &s.t[2], DUE_EXIT);
    group_leave(&s.r, &s.t[1]); /* killed as it waited */
    check_nothing_to_do(&s);
    group_leave(&s.r, &s.t[0]);
    check_granted(&s, &s.t[2]);
    assert_int_equal(s.group->n_tasks, 1);
    tear_down(&s);
}

static void a_stopped_holder_is_told_that_somebody_waits(void **state)
{
    struct scene s;
    unsigned what;
    (void)state;
    set_up(&s);
    s.t[0].in_group_stop = true;
    group_wait_for_token(&s.r, &s.t[1], DUE_EXIT);
    assert_ptr_equal(agenda_next(&s.r, &what), &s.t[1]);
    assert_int_equal(what, AGENDA_QUEUED);
    check_nothing_to_do(&s);
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_founds_a_group_has_its_token),
        cmocka_unit_test(the_token_goes_to_who_asked_first),
        cmocka_unit_test(a_token_that_nobody_has_is_got_at_once),
        cmocka_unit_test(who_hands_over_stands_last),
        cmocka_unit_test(who_leaves_takes_the_token_with_it),
        cmocka_unit_test(a_stopped_holder_is_told_that_somebody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Where nothing moves, the user is told who waits for whom; where all merely wait, nothing. */
#include "recorder/standstill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct scene {
    struct recorder r;
    struct recorder_options options;
    struct group group;
    struct task holder, waiter;
    unsigned n_told;
    char told[512];
};

static void warn(void *ctx, const char *line)
{
    struct scene *s = ctx;
    s->n_told++;
    strncpy(s->told, line, sizeof s->told - 1);
}

static void set_up(struct scene *s)
{
    *s = (struct scene){0};
    s->options.warn = warn;
    s->options.warn_ctx = s;
    s->r.options = &s->options;
    s->group.holder = &s->holder;
    s->holder = (struct task){.tid = getpid(), .group = &s->group, .state = TASK_USER};
    s->waiter = (struct task){.tid = 7, .group = &s->group, .state = TASK_READY};
    s->holder.call.active = true;
    s->holder.call.row = syscall_row(SYS_getpgid);
    assert_int_equal(map64_put(&s->r.tasks, 1, &s->holder), 0);
    assert_int_equal(map64_put(&s->r.tasks, 2, &s->waiter), 0);
}

/* As if so many seconds had passed. */
static void pass(struct scene *s, unsigned seconds)
{
    s->r.last_time += seconds * 1000000000ull;
    standstill_look(&s->r);
}

static void who_waits_for_whom_is_told_once(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    s.r.last_time = UINT64_MAX / 2; /* later than the clock: it goes on from here */
    s.r.n_stops = 1;
    pass(&s, 0);
    pass(&s, 9);
    assert_int_equal(s.n_told, 0);
    pass(&s, 2);
    assert_int_equal(s.n_told, 1);
    char expected[64];
    snprintf(expected, sizeof expected, "task 7 waits for task %d, which is in getpgid",
             (int)getpid());
    assert_non_null(strstr(s.told, expected));
    pass(&s, 20);
    assert_int_equal(s.n_told, 1);
    map64_done(&s.r.tasks);
}

static void a_stop_in_between_counts(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    s.r.last_time = UINT64_MAX / 2;
    s.r.n_stops = 1;
    for (int i = 0; i < 5; i++) {
        pass(&s, 9);
        s.r.n_stops++;
    }
    assert_int_equal(s.n_told, 0);
    map64_done(&s.r.tasks);
}

static void nothing_is_told_where_all_sleep(void **state)
{
    struct scene s;
    (void)state;
    set_up(&s);
    s.waiter.state = TASK_IN_CALL;
    s.r.last_time = UINT64_MAX / 2;
    s.r.n_stops = 1;
    pass(&s, 0);
    pass(&s, 30);
    assert_int_equal(s.n_told, 0);
    map64_done(&s.r.tasks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_for_whom_is_told_once),
        cmocka_unit_test(a_stop_in_between_counts),
        cmocka_unit_test(nothing_is_told_where_all_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

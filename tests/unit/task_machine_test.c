/* task/machine.c: what is found out of this machine, and what can be taken away from it. */
#include "task/machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct machine measured(const char *less)
{
    struct machine m;
    struct err err = {0};
    assert_int_equal(machine_measure(&m, less, &err), 0);
    return m;
}

static void what_all_else_stands_on_is_there(void **state)
{
    (void)state;
    struct machine m = measured(NULL);
    for (enum machine_ability a = 0; a < MACHINE_ABILITIES; a++)
        assert_true(machine_row(a)->instead != NULL || m.has[a]);
}

static void two_measurements_agree(void **state)
{
    (void)state;
    struct machine one = measured(NULL), other = measured("");
    assert_memory_equal(one.has, other.has, sizeof one.has);
}

static void all_that_may_be_missing_is_taken_away(void **state)
{
    (void)state;
    struct machine whole = measured(NULL), m = measured("-all");
    for (enum machine_ability a = 0; a < MACHINE_ABILITIES; a++) {
        bool may_be_missing = machine_row(a)->instead != NULL;
        assert_int_equal(m.has[a], !may_be_missing && whole.has[a]);
        assert_int_equal(m.taken[a], may_be_missing && whole.has[a]);
    }
}

static void only_what_is_named_is_taken_away(void **state)
{
    (void)state;
    struct machine whole = measured(NULL), m = measured("-tsc-trap,-breakpoints");
    for (enum machine_ability a = 0; a < MACHINE_ABILITIES; a++) {
        bool named = a == MACHINE_TSC_TRAP || a == MACHINE_BREAKPOINTS;
        assert_int_equal(m.has[a], !named && whole.has[a]);
    }
}

static void missing_ones_are_named_as_they_are_taken_away(void **state)
{
    (void)state;
    char names[MACHINE_NAMES_MAX];
    struct machine m = measured("-all");
    struct machine again = measured(machine_missing(&m, names));
    for (enum machine_ability a = 0; a < MACHINE_ABILITIES; a++) {
        assert_true(m.has[a] == again.has[a] || machine_is_guard(a));
        m.has[a] = true;
    }
    assert_string_equal(machine_missing(&m, names), "");
}

static void names_are_taken_from_any_list(void **state)
{
    (void)state;
    const char *list = "-one,,--two,three-four,-", *name;
    static const char *const wanted[] = {"one", "two", "three-four"};
    size_t n = 0;
    for (size_t len; (name = machine_next_name(&list, &len)) != NULL; n++) {
        assert_int_equal(len, strlen(wanted[n]));
        assert_memory_equal(name, wanted[n], len);
    }
    assert_int_equal(n, 3);
}

static void a_wrong_list_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "tsc-trap", "-tsc", "-tsc-trap;", "-sysemu", ",", "+all", "-tsc-trap,,-breakpoints"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct machine m;
        struct err err = {0};
        assert_int_equal(machine_measure(&m, wrong[i], &err), -EINVAL);
        assert_non_null(strstr(err.msg, "REPRISE_MACHINE"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_all_else_stands_on_is_there),
        cmocka_unit_test(two_measurements_agree),
        cmocka_unit_test(all_that_may_be_missing_is_taken_away),
        cmocka_unit_test(only_what_is_named_is_taken_away),
        cmocka_unit_test(missing_ones_are_named_as_they_are_taken_away),
        cmocka_unit_test(names_are_taken_from_any_list),
        cmocka_unit_test(a_wrong_list_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Unit tests of the rules for structs: each names a call that the table of system calls has, and an
 * argument that points to memory. */
#include "diff/field_rules.h"

#include "diff/ignored.h"
#include "syscalls/syscalls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void fields_are_in_order_and_arguments_are_pointers(void **state)
{
    (void)state;
    struct field_rules *rules;
    assert_int_equal(field_rules_new(&rules), 0);
    size_t found = 0;
    for (size_t nr = 0; nr < syscall_count(); nr++) {
        const struct syscall_row *row = syscall_row((int64_t)nr);
        for (unsigned i = 0; i < SYSCALL_MAX_ARGS * 2; i++) {
            unsigned arg = i / 2;
            const struct field_rule *rule = field_rules_find(rules, (int64_t)nr, arg, i % 2 == 1);
            if (rule == NULL)
                continue;
            found++;
            assert_non_null(row);
            assert_string_equal(rule->call, row->name);
            assert_true(arg < row->nargs);
            assert_true(row->args[arg] == ARG_PTR || row->args[arg] == ARG_ADDR ||
                        row->args[arg] == ARG_HEX); /* futex: a number or an address */
            for (size_t f = 1; f < rule->n_fields; f++)
                assert_true(rule->fields[f].offset >=
                            rule->fields[f - 1].offset + rule->fields[f - 1].size);
        }
    }
    assert_true(found >= 70); /* none is lost for a name that is misspelt */
    field_rules_free(rules);
}

static void results_have_kinds(void **state)
{
    (void)state;
    struct field_rules *rules;
    assert_int_equal(field_rules_new(&rules), 0);
    assert_int_equal(field_rules_result(rules, syscall_number("getpid")), RESULT_TASK);
    assert_int_equal(field_rules_result(rules, syscall_number("openat")), RESULT_FD);
    assert_int_equal(field_rules_result(rules, syscall_number("read")), RESULT_PLAIN);
    assert_int_equal(field_rules_result(rules, -1), RESULT_PLAIN);
    assert_int_equal(field_rules_result(rules, INT64_MAX), RESULT_PLAIN);
    assert_true(field_rules_synchronises(rules, syscall_number("futex")));
    assert_false(field_rules_synchronises(rules, -5));
    field_rules_free(rules);
}

static void names_of_what_is_ignored_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < IGNORED_COUNT; i++) {
        const char *name = ignored_kind((enum ignored)i)->name;
        assert_int_equal(ignored_find(name, strlen(name)), i);
    }
    assert_int_equal(ignored_find("tim", 3), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_in_order_and_arguments_are_pointers),
        cmocka_unit_test(results_have_kinds),
        cmocka_unit_test(names_of_what_is_ignored_are_found),
    };
    return cmocka_run_group_tests_name("diff.field_rules", tests, NULL, NULL);
}

/* Walks the table of syscalls and its command sets for contradictions. */
#include "syscalls/ranges.h"
#include "syscalls/syscalls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* From the kernel's header of this machine, made by the build. */
static const struct {
    int64_t nr;
    const char *name;
} header[] = {
#include "syscalls_header_numbers.inc"
};

static const struct {
    int64_t nr;
    const char *name;
} newer[] = {
    {451, "cachestat"},         {452, "fchmodat2"},        {453, "map_shadow_stack"},
    {454, "futex_wake"},        {455, "futex_wait"},       {456, "futex_requeue"},
    {457, "statmount"},         {458, "listmount"},        {459, "lsm_get_self_attr"},
    {460, "lsm_set_self_attr"}, {461, "lsm_list_modules"}, {462, "mseal"},
    {463, "setxattrat"},        {464, "getxattrat"},       {465, "listxattrat"},
    {466, "removexattrat"},     {467, "open_tree_attr"},   {468, "file_getattr"},
    {469, "file_setattr"},      {335, "uretprobe"},        {336, "uprobe"},
};

static const struct command_set *const sets[COMMANDS_COUNT] = {
#define COMMANDS(upper, lower) [COMMANDS_##upper] = &commands_##lower,
#include "syscalls/commands.inc"
#undef COMMANDS
};

typedef void (*row_check)(const struct syscall_row *row, int64_t nr);

static void for_each_row(row_check check)
{
    size_t i;

    for (i = 0; i < syscall_count(); i++) {
        if (syscall_row((int64_t)i))
            check(syscall_row((int64_t)i), (int64_t)i);
    }
}

static void expect_row(int64_t nr, const char *name)
{
    const struct syscall_row *row = syscall_row(nr);

    if (!row)
        fail_msg("%s (%lld) has no row", name, (long long)nr);
    assert_string_equal(row->name, name);
    assert_int_equal(syscall_number(name), nr);
}

static void every_number_of_the_kernels_header_has_its_row(void **state)
{
    size_t i;

    (void)state;
    assert_true(sizeof(header) / sizeof(header[0]) >= 350);
    for (i = 0; i < sizeof(header) / sizeof(header[0]); i++)
        expect_row(header[i].nr, header[i].name);
}

static void calls_newer_than_the_header_have_their_row(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
        expect_row(newer[i].nr, newer[i].name);
}

static void numbers_outside_the_table_have_no_row(void **state)
{
    (void)state;
    assert_null(syscall_row(-1));
    assert_null(syscall_row(INT64_MIN));
    assert_null(syscall_row(INT64_MAX));
    assert_null(syscall_row((int64_t)syscall_count()));
    assert_null(syscall_row(400)); /* a gap */
    assert_int_equal(syscall_number("no_such_call"), -1);
    assert_int_equal(syscall_number(""), -1);
}

static void check_arguments(const struct syscall_row *row, int64_t nr)
{
    unsigned i, j;

    (void)nr;
    assert_true(row->nargs <= SYSCALL_MAX_ARGS);
    for (i = 0; i < SYSCALL_MAX_ARGS; i++) {
        bool there = i < row->nargs;

        if (there != (row->args[i] != ARG_NONE) || there != (row->arg_names[i] != NULL))
            fail_msg("%s: argument %u contradicts nargs %u", row->name, i, row->nargs);
        for (j = 0; there && j < i; j++)
            assert_string_not_equal(row->arg_names[i], row->arg_names[j]);
    }
}

static void arguments_agree_with_their_number(void **state)
{
    (void)state;
    for_each_row(check_arguments);
}

static bool may_point(enum arg_kind kind)
{
    return kind == ARG_PTR || kind == ARG_HEX || kind == ARG_ADDR;
}

static void check_rules(const char *name, const struct syscall_row *row,
                        const struct range_rule *rule);

static void check_commands(const struct syscall_row *row, const struct command_set *set)
{
    size_t i, j;

    for (i = 0; i < set->n; i++) {
        const struct command *command = &set->v[i];

        assert_non_null(command->name);
        if (command->value & set->ignore)
            fail_msg("%s can never be found", command->name);
        for (j = 0; j < i; j++) {
            if (set->v[j].value == command->value)
                fail_msg("%s and %s have the same number", set->v[j].name, command->name);
        }
        if (command->rules)
            check_rules(command->name, row, command->rules);
    }
}

static void check_rules(const char *name, const struct syscall_row *row,
                        const struct range_rule *rule)
{
    for (; rule->dir != RANGE_END; rule++) {
        unsigned count = rule->count & ~(unsigned)COUNT_IS_INT;

        bool names_one = rule->dir != RANGE_WALK || rule->arg || count;

        if (names_one && (rule->arg >= row->nargs || count >= row->nargs))
            fail_msg("%s: a rule names an argument that is not there", name);
        if (rule->dir == RANGE_COMMAND) {
            assert_true(rule->walk < COMMANDS_COUNT);
            assert_true(row->args[rule->arg] == ARG_INT || row->args[rule->arg] == ARG_HEX);
            check_commands(row, sets[rule->walk]);
        } else if (rule->dir == RANGE_WALK) {
            assert_in_range(rule->walk, WALK_NONE + 1, WALK_COUNT - 1);
        } else {
            if (!may_point(row->args[rule->arg]))
                fail_msg("%s: argument %u is no pointer", name, rule->arg);
            if (rule->len == LEN_FIXED || rule->len == LEN_ARG || rule->len == LEN_RESULT)
                assert_true(rule->size > 0);
        }
    }
}

static void check_row_rules(const struct syscall_row *row, int64_t nr)
{
    (void)nr;
    if (row->rules)
        check_rules(row->name, row, row->rules);
}

static void rules_refer_to_arguments_that_are_there(void **state)
{
    (void)state;
    for_each_row(check_row_rules);
}

static bool is_covered(const struct syscall_row *row, unsigned arg)
{
    const struct range_rule *rule;

    for (rule = row->rules; rule && rule->dir != RANGE_END; rule++) {
        if (rule->dir == RANGE_WALK || rule->dir == RANGE_COMMAND || rule->arg == arg)
            return true;
        if (rule->len == LEN_VALUE_RESULT && rule->count == arg)
            return true;
    }
    return false;
}

static bool is_refused(const struct syscall_row *row)
{
    return row->answer == ANSWER_ENOSYS || row->answer == ANSWER_ENOSYS_QUIETLY;
}

static void check_pointers(const struct syscall_row *row, int64_t nr)
{
    unsigned i;

    (void)nr;
    if (is_refused(row) || (row->flags & SYSCALL_UNIMPLEMENTED))
        return;
    for (i = 0; i < row->nargs; i++) {
        if (row->args[i] == ARG_PTR && !is_covered(row, i))
            fail_msg("%s: no rule for what %s points to", row->name, row->arg_names[i]);
    }
}

static void every_pointer_has_a_rule(void **state)
{
    (void)state;
    for_each_row(check_pointers);
}

static void check_out_fd(const struct syscall_row *row, int64_t nr)
{
    (void)nr;
    if (row->flags & SYSCALL_WRITES_FD) {
        assert_true(row->out_fd < row->nargs);
        assert_int_equal(row->args[row->out_fd], ARG_FD);
    } else {
        assert_int_equal(row->out_fd, 0);
        assert_false(row->flags & SYSCALL_FD_TO_FD);
    }
}

static void calls_that_send_bytes_name_the_descriptor(void **state)
{
    (void)state;
    for_each_row(check_out_fd);
}

static void check_special(const struct syscall_row *row, int64_t nr)
{
    bool exits = row->task == TASK_EXIT || row->task == TASK_EXIT_GROUP;

    (void)nr;
    assert_true(exits == !!(row->flags & SYSCALL_NEVER_RETURNS));
    if (row->flags & SYSCALL_UNIMPLEMENTED) {
        assert_null(row->rules);
        assert_int_equal(row->mem, MEM_NONE);
        assert_int_equal(row->task, TASK_NONE);
        assert_int_equal(row->answer, ANSWER_KERNEL);
    }
    if (is_refused(row))
        assert_null(row->rules);
    if (row->mem == MEM_MMAP || row->mem == MEM_MREMAP || row->mem == MEM_MUNMAP ||
        row->mem == MEM_MPROTECT || row->mem == MEM_MADVISE || row->mem == MEM_BRK)
        assert_int_equal(row->args[0], ARG_ADDR);
    if (row->nowait != NOWAIT_NONE) {
        assert_int_equal(row->block, BLOCK_MAY);
        assert_true(row->nowait_arg < row->nargs);
        assert_true((row->nowait == NOWAIT_IF_SET) == (row->nowait_bits != 0));
    }
    if (row->task == TASK_EXEC)
        assert_true(row->flags & SYSCALL_CHANGES_FDS);
    if (row->mem == MEM_FILE_WRITE)
        assert_true(row->flags & SYSCALL_WRITES_FD);
}

static void special_rows_are_consistent(void **state)
{
    (void)state;
    for_each_row(check_special);
}

/* Who handles a kind of call relies on these being all there is. */
static void each_kind_of_address_space_call_has_its_rows(void **state)
{
    static const struct {
        const char *name;
        enum syscall_mem mem;
    } expected[] = {
        {"mmap", MEM_MMAP},
        {"munmap", MEM_MUNMAP},
        {"mremap", MEM_MREMAP},
        {"brk", MEM_BRK},
        {"mprotect", MEM_MPROTECT},
        {"pkey_mprotect", MEM_MPROTECT},
        {"madvise", MEM_MADVISE},
        {"shmat", MEM_SHMAT},
        {"shmdt", MEM_SHMDT},
        {"remap_file_pages", MEM_REMAP_FILE_PAGES},
        {"truncate", MEM_FILE_SIZE},
        {"ftruncate", MEM_FILE_SIZE},
        {"fallocate", MEM_FILE_SIZE},
        {"write", MEM_FILE_WRITE},
        {"copy_file_range", MEM_FILE_WRITE},
        {"process_vm_writev", MEM_OTHER_TASK},
        {"process_madvise", MEM_OTHER_TASK},
        {"read", MEM_NONE},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct syscall_row *row = syscall_row(syscall_number(expected[i].name));

        assert_non_null(row);
        assert_int_equal(row->mem, expected[i].mem);
    }
}

static void calls_that_fill_memory_behind_our_back_are_refused(void **state)
{
    static const char *const refused[] = {
        "rseq",        "io_uring_setup",  "io_uring_enter",   "io_uring_register", "io_setup",
        "io_submit",   "io_getevents",    "io_pgetevents",    "io_destroy",        "io_cancel",
        "userfaultfd", "perf_event_open", "map_shadow_stack",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_true(is_refused(syscall_row(syscall_number(refused[i]))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_the_kernels_header_has_its_row),
        cmocka_unit_test(calls_newer_than_the_header_have_their_row),
        cmocka_unit_test(numbers_outside_the_table_have_no_row),
        cmocka_unit_test(arguments_agree_with_their_number),
        cmocka_unit_test(rules_refer_to_arguments_that_are_there),
        cmocka_unit_test(every_pointer_has_a_rule),
        cmocka_unit_test(calls_that_send_bytes_name_the_descriptor),
        cmocka_unit_test(special_rows_are_consistent),
        cmocka_unit_test(each_kind_of_address_space_call_has_its_rows),
        cmocka_unit_test(calls_that_fill_memory_behind_our_back_are_refused),
    };

    return cmocka_run_group_tests_name("syscalls_table", tests, NULL, NULL);
}

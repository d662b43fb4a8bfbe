/* What rows say of calls besides memory agrees with their arguments, and with what callers rely on.
 */
#include "syscalls/syscalls.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <cmocka.h>

#define FOR_EACH_ROW(row)                                                                          \
    for (size_t nr_ = 0; nr_ < syscall_count(); nr_++)                                             \
        for (const struct syscall_row *row = syscall_row((int64_t)nr_); row != NULL; row = NULL)

static const struct syscall_row *named(const char *name)
{
    const struct syscall_row *row = syscall_row(syscall_number(name));
    if (row == NULL)
        fail_msg("no row for %s", name);
    return row;
}

static void calls_that_move_bytes_name_their_descriptors(void **state)
{
    (void)state;
    FOR_EACH_ROW(row)
    {
        const struct syscall_io *io = &row->io;
        bool tasks = io->moves == MOVES_FROM_TASK || io->moves == MOVES_TO_TASK;
        if ((io->moves != MOVES_NOTHING) != (io->in || io->out || tasks) ||
            (io->moves == MOVES_BETWEEN) != (io->in && io->out) ||
            (io->in && row->args[io->in_fd] != ARG_FD) ||
            (io->out && row->args[row->out_fd] != ARG_FD) ||
            (io->place > PLACE_OWN && row->nargs <= 3))
            fail_msg("%s: its io contradicts its arguments", row->name);
        bool counted = io->out && io->moves != MOVES_QUEUED;
        if (counted != ((row->flags & SYSCALL_WRITES_FD) != 0) ||
            (io->moves == MOVES_BETWEEN) != ((row->flags & SYSCALL_FD_TO_FD) != 0))
            fail_msg("%s: its io contradicts its flags", row->name);
    }
}

static bool needs_flag(enum syscall_fds fds)
{
    switch (fds) {
    case FDS_OPENS:
    case FDS_MAKES:
    case FDS_MAKES_PAIR:
    case FDS_ACCEPTS:
    case FDS_RECEIVES:
    case FDS_COPIES:
    case FDS_FETCHES:
    case FDS_BY_COMMAND:
    case FDS_CLOSES:
    case FDS_CLOSES_MANY:
        return true;
    case FDS_NONE:
    case FDS_UNSHARES:
    case FDS_BINDS:
    case FDS_CONNECTS:
    case FDS_LISTENS:
    case FDS_TELLS_LOCAL:
    case FDS_TELLS_PEER:
    case FDS_SHUTS_DOWN:
    case FDS_CHDIR:
    case FDS_FCHDIR:
        return false;
    }
    return false;
}

static void calls_that_make_descriptors_say_where_they_are(void **state)
{
    (void)state;
    FOR_EACH_ROW(row)
    {
        bool result = row->fds == FDS_OPENS || row->fds == FDS_MAKES || row->fds == FDS_ACCEPTS ||
                      row->fds == FDS_COPIES || row->fds == FDS_FETCHES;
        if ((result && row->returns != TYPE_FD) ||
            (row->fds == FDS_OPENS && syscall_arg_of_kind(row, ARG_PATH) < 0) ||
            (row->fds == FDS_MAKES_PAIR && syscall_arg_of_type(row, TYPE_FD_PAIR) < 0) ||
            (row->new_fd.cloexec_bit != 0 && row->new_fd.cloexec_arg >= row->nargs) ||
            row->new_fd.made >= MADE_COUNT)
            fail_msg("%s: no place for the descriptors it makes", row->name);
        if (needs_flag(row->fds) && (row->flags & SYSCALL_CHANGES_FDS) == 0)
            fail_msg("%s changes descriptors, but does not say so", row->name);
    }
}

static void calls_that_are_made_to_wait_may_wait(void **state)
{
    (void)state;
    FOR_EACH_ROW(row)
    {
        if (row->waits_for != WAITS_FOR_NOTHING && row->block != BLOCK_MAY)
            fail_msg("%s waits, but never for long", row->name);
        bool answered = row->answer == ANSWER_WAIT4 || row->answer == ANSWER_WAITID;
        assert_true(answered == (row->waits_for == WAITS_FOR_CHILD));
    }
}

static void calls_that_send_a_signal_name_it(void **state)
{
    (void)state;
    FOR_EACH_ROW(row)
    if (row->signal == SIGNAL_SENT && syscall_arg_of_kind(row, ARG_SIGNO) < 0)
        fail_msg("%s sends a signal without a number", row->name);
}

/* kernel/seccomp.c, mode1_syscalls */
static void strict_mode_allows_four_calls(void **state)
{
    size_t n = 0;
    (void)state;
    FOR_EACH_ROW(row)
    n += row->strict;
    assert_int_equal(n, 4);
    assert_true(named("read")->strict && named("write")->strict && named("exit")->strict &&
                named("rt_sigreturn")->strict);
}

static void only_four_calls_make_tasks(void **state)
{
    size_t n = 0;
    (void)state;
    FOR_EACH_ROW(row)
    n += syscall_makes_task(row);
    assert_int_equal(n, 4);
    assert_true(syscall_makes_task(named("clone")) && syscall_makes_task(named("clone3")) &&
                syscall_makes_task(named("fork")) && syscall_makes_task(named("vfork")));
}

static void reads_of_files_are_told_from_those_of_sockets_and_queues(void **state)
{
    static const char *const readers[] = {"read", "pread64", "readv", "preadv", "preadv2"};
    size_t n = 0;
    (void)state;
    FOR_EACH_ROW(row)
    n += syscall_reads_file(row);
    assert_int_equal(n, sizeof readers / sizeof readers[0]);
    for (size_t i = 0; i < n; i++)
        assert_true(syscall_reads_file(named(readers[i])));
}

static void an_unknown_call_has_no_properties(void **state)
{
    (void)state;
    const struct syscall_row *row = syscall_traits(100000);
    assert_null(syscall_row(100000));
    assert_non_null(row);
    assert_int_equal(row->nargs, 0);
    assert_int_equal(syscall_arg_of_kind(row, ARG_NONE), -1);
    assert_int_equal(syscall_about(row), ABOUT_OTHER);
    assert_int_equal(syscall_commands(100000), COMMANDS_NONE);
}

static void a_command_is_told_by_call_and_argument(void **state)
{
    int64_t prctl_nr = syscall_number("prctl");
    const uint64_t name[SYSCALL_MAX_ARGS] = {PR_SET_NAME | 0xdead00000000ull};
    const uint64_t dup[SYSCALL_MAX_ARGS] = {3, F_DUPFD};
    (void)state;
    assert_true(syscall_is_command(prctl_nr, name, COMMANDS_PRCTL, PR_SET_NAME));
    assert_false(syscall_is_command(prctl_nr, name, COMMANDS_PRCTL, PR_GET_NAME));
    assert_false(syscall_is_command(prctl_nr, name, COMMANDS_SECCOMP, PR_SET_NAME));
    assert_true(syscall_is_command(syscall_number("fcntl"), dup, COMMANDS_FCNTL, F_DUPFD));
    assert_false(syscall_is_command(syscall_number("read"), dup, COMMANDS_FCNTL, F_DUPFD));
    assert_int_equal(syscall_commands(prctl_nr), COMMANDS_PRCTL);
    assert_int_equal(syscall_commands(syscall_number("read")), COMMANDS_NONE);
}

static void two_calls_unshare_descriptors_if_their_flags_say_so(void **state)
{
    int64_t range = syscall_number("close_range"), unshare = syscall_number("unshare");
    (void)state;
    assert_true(syscall_unshares_fds(unshare, (const uint64_t[6]){CLONE_FILES | CLONE_FS}));
    assert_false(syscall_unshares_fds(unshare, (const uint64_t[6]){CLONE_FS}));
    assert_true(syscall_unshares_fds(range, (const uint64_t[6]){3, 9, CLOSE_RANGE_UNSHARE}));
    assert_false(syscall_unshares_fds(range, (const uint64_t[6]){3, 9, 0}));
    assert_false(syscall_unshares_fds(syscall_number("close"), (const uint64_t[6]){CLONE_FILES}));
}

static void calls_are_about_what_people_would_say(void **state)
{
    static const struct {
        const char *name;
        enum syscall_about about;
    } expected[] = {
        {"openat", ABOUT_FILE},    {"close", ABOUT_DESC},         {"sendmsg", ABOUT_NETWORK},
        {"mmap", ABOUT_MEMORY},    {"brk", ABOUT_MEMORY},         {"clone", ABOUT_PROCESS},
        {"ptrace", ABOUT_PROCESS}, {"exit_group", ABOUT_PROCESS}, {"rt_sigreturn", ABOUT_SIGNAL},
        {"futex", ABOUT_WAIT},     {"poll", ABOUT_WAIT},          {"wait4", ABOUT_WAIT},
        {"getpid", ABOUT_OTHER},   {"accept4", ABOUT_NETWORK},    {"signalfd4", ABOUT_DESC},
    };
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(syscall_about(named(expected[i].name)), expected[i].about);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_that_move_bytes_name_their_descriptors),
        cmocka_unit_test(calls_that_make_descriptors_say_where_they_are),
        cmocka_unit_test(calls_that_are_made_to_wait_may_wait),
        cmocka_unit_test(calls_that_send_a_signal_name_it),
        cmocka_unit_test(strict_mode_allows_four_calls),
        cmocka_unit_test(only_four_calls_make_tasks),
        cmocka_unit_test(reads_of_files_are_told_from_those_of_sockets_and_queues),
        cmocka_unit_test(an_unknown_call_has_no_properties),
        cmocka_unit_test(a_command_is_told_by_call_and_argument),
        cmocka_unit_test(two_calls_unshare_descriptors_if_their_flags_say_so),
        cmocka_unit_test(calls_are_about_what_people_would_say),
    };
    return cmocka_run_group_tests_name("syscalls_traits", tests, NULL, NULL);
}

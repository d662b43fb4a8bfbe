/* syscalls/plain_calls.c: what rows become, and that nothing is plain which must not be. */
#include "syscalls/plain_calls.h"
#include "syscalls/syscalls.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cmocka.h>

static struct plain_call plain(const char *name)
{
    struct plain_call call;
    assert_true(syscall_is_plain(syscall_number(name), &call));
    return call;
}

static bool is_plain_by(const char *name, uint32_t value)
{
    struct plain_command c;
    for (size_t i = 0; syscall_plain_command(syscall_number(name), i, &c); i++)
        if (c.value == value)
            return true;
    return false;
}

static void every_mark_on_a_row_is_of_use(void **state)
{
    (void)state;
    for (int64_t nr = 0; nr < (int64_t)syscall_count(); nr++) {
        const struct syscall_row *row = syscall_row(nr);
        struct plain_call call;
        struct plain_command command;
        if (row != NULL && row->plain && !syscall_is_plain(nr, &call) &&
            !syscall_plain_command(nr, 0, &command))
            fail_msg("%s is marked as plain, but cannot be", row->name);
    }
}

static void reads_and_writes_depend_on_their_descriptor(void **state)
{
    (void)state;
    struct plain_call read = plain("read"), write = plain("write"), receive = plain("recvfrom");
    assert_int_equal(read.reads_fd, 1);
    assert_int_equal(read.writes_fd, 0);
    assert_int_equal(read.n, 1);
    assert_int_equal(read.copies[0].len, PLAIN_READ);
    assert_true(read.copies[0].out && !read.copies[0].in);
    assert_int_equal(write.writes_fd, 1);
    assert_int_equal(write.reads_fd, 0);
    assert_int_equal(write.copies[0].len, PLAIN_COUNT);
    assert_int_equal(receive.reads_fd, 1);
    assert_true((receive.barred & MSG_PEEK) != 0 && (receive.barred & MSG_DONTWAIT) == 0);
}

static void opening_bars_what_changes_or_shows_files_otherwise(void **state)
{
    (void)state;
    struct plain_call call = plain("openat");
    assert_true(call.opens && call.returns_fd);
    assert_int_equal(call.barred_arg, 2);
    assert_int_equal(call.barred, O_TRUNC | O_DIRECT);
    assert_int_equal(plain("close").closes_fd, 1);
    assert_int_equal(plain("dup2").closes_fd, 3);
}

static void waiting_for_events_is_tried(void **state)
{
    (void)state;
    assert_true(plain("epoll_wait").tries);
    assert_int_equal(plain("epoll_wait").barred, 0);
    assert_int_equal(plain("epoll_pwait").barred_arg, 4);
    assert_true(plain("epoll_pwait").barred == UINT64_MAX);
}

static void commands_are_plain_one_by_one(void **state)
{
    (void)state;
    assert_true(is_plain_by("futex", 1 /* FUTEX_WAKE */));
    assert_false(is_plain_by("futex", 0 /* FUTEX_WAIT */));
    assert_false(is_plain_by("futex", 6 /* FUTEX_LOCK_PI */));
    assert_true(is_plain_by("fcntl", F_GETFD));
    assert_false(is_plain_by("fcntl", F_SETLKW));
    assert_false(is_plain_by("fcntl", F_SETFL));
    assert_true(is_plain_by("ioctl", 0x5401 /* TCGETS */));
    assert_false(is_plain_by("ioctl", 0x5404 /* TCSETSF */));
    struct plain_call call;
    assert_false(syscall_is_plain(syscall_number("futex"), &call));
}

static void what_the_recorder_has_to_look_at_is_not_plain(void **state)
{
    static const char *const names[] = {
        "mmap",
        "munmap",
        "brk",
        "mprotect",
        "madvise",
        "clone",
        "clone3",
        "fork",
        "vfork",
        "execve",
        "exit",
        "exit_group",
        "wait4",
        "waitid",
        "ptrace",
        "prctl",
        "seccomp",
        "rt_sigreturn",
        "pause",
        "nanosleep",
        "sendfile",
        "process_vm_writev",
        "truncate",
        "poll",
        "select",
        "rt_sigsuspend",
        "sched_setaffinity",
        "set_tid_address",
        "unshare",
        "kill",
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct plain_call call;
        struct plain_command command;
        int64_t nr = syscall_number(names[i]);
        assert_true(nr >= 0);
        if (syscall_is_plain(nr, &call) || syscall_plain_command(nr, 0, &command))
            fail_msg("%s is plain", names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mark_on_a_row_is_of_use),
        cmocka_unit_test(reads_and_writes_depend_on_their_descriptor),
        cmocka_unit_test(opening_bars_what_changes_or_shows_files_otherwise),
        cmocka_unit_test(waiting_for_events_is_tried),
        cmocka_unit_test(commands_are_plain_one_by_one),
        cmocka_unit_test(what_the_recorder_has_to_look_at_is_not_plain),
    };
    return cmocka_run_group_tests_name("syscalls_plain_calls", tests, NULL, NULL);
}

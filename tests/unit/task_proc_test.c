/* The names of tasks may hold what separates the fields of /proc/PID/stat. */
#include "task/proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child of that name, which sleeps. */
static pid_t child_named(const char *name)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* where a check fails */
        prctl(PR_SET_NAME, name);
        (void)!write(ready[1], "", 1);
        pause();
        _exit(0);
    }
    char c;
    assert_int_equal(read(ready[0], &c, 1), 1);
    while (proc_state(pid) != 'S')
        usleep(100);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void end(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void parent_is_found_whatever_the_name_is(void **state)
{
    static const char *const names[] = {"plain",  "((sd-pam))", ") S 1", ") R 1 1",
                                        "a b c)", "(",          ")",     "x) Z 1 2 3 4"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        pid_t pid = child_named(names[i]);
        struct proc_stat stat;
        assert_true(proc_stat(pid, &stat));
        assert_int_equal(stat.parent, getpid());
        assert_int_equal(stat.state, 'S');
        assert_true(stat.start_brk > 0 && stat.start_brk <= (uint64_t)sbrk(0));
        end(pid);
    }
}

static void nobody_has_no_state(void **state)
{
    struct proc_stat stat;
    (void)state;
    pid_t pid = child_named("gone");
    end(pid);
    assert_false(proc_stat(pid, &stat));
    assert_int_equal(proc_state(pid), 'X');
    assert_int_equal(proc_number(proc_path(pid, "status"), "PPid", 10), 0);
    assert_int_equal(proc_open(pid, "stat"), -2);
}

static void fields_of_lines_are_found_by_their_whole_key(void **state)
{
    char text[64], cut[4];
    (void)state;
    pid_t pid = child_named("Pid: 1");
    struct proc_path status = proc_path(pid, "status");
    assert_true(proc_field(status, "Name", text, sizeof text));
    assert_string_equal(text, "Pid: 1");
    assert_true(proc_field(status, "Name", cut, sizeof cut));
    assert_string_equal(cut, "Pid");
    assert_int_equal(proc_number(status, "Pid", 10), pid);
    assert_int_equal(proc_number(status, "PPid", 10), getpid());
    assert_int_equal(proc_number(status, "TracerPid", 10), 0);
    assert_false(proc_field(status, "Pi", text, sizeof text));
    end(pid);
}

static void descriptors_are_told_of(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(proc_number(proc_fdinfo(getpid(), fd), "flags", 8) & O_ACCMODE, O_WRONLY);
    char name[64] = {0};
    assert_int_equal(readlink(proc_fd(getpid(), fd).s, name, sizeof name), 9);
    assert_string_equal(name, "/dev/null");
    close(fd);
}

static void note(void *ctx, pid_t child)
{
    pid_t *wanted = ctx;
    if (child == *wanted)
        *wanted = 0;
}

static void children_and_threads_are_listed(void **state)
{
    (void)state;
    pid_t pid = child_named("child"), wanted = pid;
    proc_children(getpid(), note, &wanted);
    assert_int_equal(wanted, 0);
    assert_true(proc_has_thread(getpid(), getpid()));
    assert_false(proc_has_thread(getpid(), pid));
    end(pid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parent_is_found_whatever_the_name_is),
        cmocka_unit_test(nobody_has_no_state),
        cmocka_unit_test(fields_of_lines_are_found_by_their_whole_key),
        cmocka_unit_test(descriptors_are_told_of),
        cmocka_unit_test(children_and_threads_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

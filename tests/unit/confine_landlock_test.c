/* confine/landlock.c: what is out of reach afterwards, and what is not. */
#include "confine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs it in a child, since it is for good. Its return value; or the test is skipped. */
static int in_child(int (*work)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(work());
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("skipped: this kernel has no Landlock\n");
        skip();
    }
    return WEXITSTATUS(status);
}

static void close_all(const char *readable)
{
    const char *const directories[] = {"/no/such/directory", readable, NULL};
    int r = landlock_close(readable != NULL ? directories : NULL);
    if (r == -ENOSYS || r == -EOPNOTSUPP)
        _exit(77);
    if (r < 0)
        _exit(100);
}

/* The first thing that is not as it should be; 0: all is. */
#define MUST(what)                                                                                 \
    do {                                                                                           \
        if (!(what))                                                                               \
            return __LINE__ % 200 + 10;                                                            \
    } while (0)

static bool is_refused(long result)
{
    return result < 0 && errno == EACCES;
}

static int look_at_files(void)
{
    char path[] = "/tmp/landlock-test-XXXXXX";
    int open_before = mkstemp(path), memory;
    MUST(open_before >= 0);
    close_all(NULL);
    MUST(is_refused(open(path, O_RDONLY)));
    MUST(is_refused(open(path, O_WRONLY)));
    MUST(is_refused(open("/proc/self/maps", O_RDONLY)));
    MUST(is_refused(open("/tmp/landlock-test-new", O_CREAT | O_WRONLY, 0600)));
    MUST(is_refused(open("/", O_RDONLY | O_DIRECTORY)));
    MUST(is_refused(mkdir("/tmp/landlock-test-new", 0700)));
    MUST(is_refused(unlink(path)));
    MUST(is_refused(symlink("a", "/tmp/landlock-test-new")));
    MUST(is_refused(execl("/bin/true", "true", NULL)));
    /* What is open stays, and memory files need no path. */
    MUST(write(open_before, "x", 1) == 1);
    MUST((memory = memfd_create("m", MFD_CLOEXEC)) >= 0);
    MUST(ftruncate(memory, 4096) == 0);
    MUST(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, memory, 0) != MAP_FAILED);
    return 0;
}

static void no_file_can_be_opened_made_or_executed(void **state)
{
    (void)state;
    int failed = in_child(look_at_files);
    system("rm -f /tmp/landlock-test-*");
    assert_int_equal(failed, 0);
}

static int look_at_proc(void)
{
    close_all("/proc");
    MUST(open("/proc/self/maps", O_RDONLY) >= 0);
    MUST(is_refused(open("/proc/self/comm", O_WRONLY)));
    MUST(is_refused(open("/etc/passwd", O_RDONLY)));
    return 0;
}

static void what_is_to_be_readable_can_be_read_and_no_more(void **state)
{
    (void)state;
    assert_int_equal(in_child(look_at_proc), 0);
}

static int look_where_nothing_is(void)
{
    close_all("/no/such/directory");
    MUST(is_refused(open("/etc/passwd", O_RDONLY)));
    return 0;
}

static void what_is_to_be_readable_may_be_missing(void **state)
{
    (void)state;
    assert_int_equal(in_child(look_where_nothing_is), 0);
}

static int trace_a_child(void)
{
    close_all(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close_all(NULL); /* deeper, as the tasks of a replay are */
        pause();
    }
    int status;
    MUST(ptrace(PTRACE_SEIZE, pid, 0, 0) == 0);
    MUST(kill(pid, SIGKILL) == 0);
    MUST(waitpid(pid, &status, 0) == pid);
    MUST(ptrace(PTRACE_SEIZE, getppid(), 0, 0) < 0 && errno == EPERM);
    return 0;
}

static void children_can_be_traced_and_others_not(void **state)
{
    (void)state;
    assert_int_equal(in_child(trace_a_child), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_file_can_be_opened_made_or_executed),
        cmocka_unit_test(what_is_to_be_readable_can_be_read_and_no_more),
        cmocka_unit_test(what_is_to_be_readable_may_be_missing),
        cmocka_unit_test(children_can_be_traced_and_others_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* "#!" lines: one argument with spaces in it, an interpreter that is a script itself, a script
 * without such a line: execve(2), "Interpreter scripts". */
#include "check.h"

static void make(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
    CHECK(fd >= 0);
    write_all(fd, text, strlen(text));
    CHECK(close(fd) == 0);
}

static int run(char *const args[])
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execv(args[0], args);
        _exit(errno == ENOEXEC ? 99 : 98);
    }
    return WEXITSTATUS(wait_for(child));
}

int main(void)
{
    char dir[PATH_MAX], nested[PATH_MAX + 32];
    scratch_dir(dir);
    make("one", "#!/bin/sh\necho \"one $$ $0 $*\"\nexit 3\n");
    make("two", "#! /bin/sh -eu  \necho \"two $- $1\" >&2\nfalse\n");
    snprintf(nested, sizeof nested, "#!%s/one with spaces\n", dir);
    make("three", nested);
    make("four", "echo four\n");
    make("five", "#!/does/not/exist\n");
    make("six", "#!\n");
    CHECK(run((char *const[]){"./one", "a", "b c", NULL}) == 3);
    CHECK(run((char *const[]){"./two", "x", NULL}) == 1);
    CHECK(run((char *const[]){"./three", "y", NULL}) == 3);
    CHECK(run((char *const[]){"./four", NULL}) == 99);
    CHECK(run((char *const[]){"./five", NULL}) == 98);
    CHECK(run((char *const[]){"./six", NULL}) == 99);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execlp("./four", "four", (char *)NULL); /* falls back to the shell */
        _exit(1);
    }
    wait_for_success(child);
    CHECK(unlink("one") == 0 && unlink("two") == 0 && unlink("three") == 0 && unlink("four") == 0 &&
          unlink("five") == 0 && unlink("six") == 0);
    scratch_dir_remove(dir);
    return 0;
}

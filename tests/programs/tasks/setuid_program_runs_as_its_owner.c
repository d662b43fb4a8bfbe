/* Executing a file with the set-user-ID bit: as root for another owner nothing is refused; the
 * effective id changes and AT_SECURE is set: execve(2). */
#include "check.h"

#include <sys/auxv.h>

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        say("real %d effective %d secure %lu pid %d\n", (int)getuid(), (int)geteuid(),
            getauxval(AT_SECURE), (int)getpid());
        return geteuid() == 65534 && getuid() == 0 ? 0 : 3;
    }
    if (getuid() != 0)
        SKIP("only root can make such a program here");
    char dir[PATH_MAX], command[200];
    scratch_dir(dir);
    snprintf(command, sizeof command,
             "cp /proc/%d/exe program && chown 65534 program && chmod 4755 program", (int)getpid());
    CHECK(system(command) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl("./program", "program", "again", (char *)NULL);
        _exit(1);
    }
    int status = wait_for(child);
    CHECK(unlink("program") == 0);
    scratch_dir_remove(dir);
    if (WEXITSTATUS(status) == 3)
        SKIP("set-user-ID bits are not honoured here");
    CHECK(status == 0);
    return 0;
}

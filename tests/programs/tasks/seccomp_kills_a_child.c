/* SECCOMP_RET_KILL_PROCESS ends the process as if by SIGSYS at the entry of the call; the strict
 * mode by SIGKILL: seccomp(2). */
#include "seccomp_filter.h"

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        SECCOMP_TREAT(SYS_getppid, SECCOMP_RET_KILL_PROCESS);
        say("child %d\n", (int)getpid());
        syscall(SYS_getppid);
        _exit(1);
    }
    int status = wait_for(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        return 77;
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);

    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
        write(1, "strict\n", 7);
        syscall(SYS_getpid);
        syscall(SYS_exit, 1);
    }
    status = wait_for(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
        write(1, "again\n", 6);
        syscall(SYS_exit, 14);
    }
    CHECK(WEXITSTATUS(wait_for(child)) == 14);
    return 0;
}

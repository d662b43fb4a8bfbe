/* A process that nobody of the program's family traces can ask to be traced once; the second time
 * fails with EPERM: ptrace(2). Unrecorded the first succeeds, so it must under a recorder. */
#include "tracer.h"

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        trace_me();
        CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 && errno == EPERM);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        return 77;
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == -1 && errno == ESRCH);
    CHECK(ptrace(PTRACE_PEEKDATA, getppid(), 0, NULL) == -1 && errno == ESRCH);
    say("child %d\n", (int)child);
    return 0;
}

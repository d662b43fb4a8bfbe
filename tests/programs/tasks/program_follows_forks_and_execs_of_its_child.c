/* PTRACE_SEIZE with PTRACE_O_TRACEFORK, TRACEEXEC, TRACEEXIT and PTRACE_GETEVENTMSG; new children
 * are attached by themselves; PTRACE_INTERRUPT and detach: ptrace(2). */
#include "tracer.h"

int main(void)
{
    int go[2];
    CHECK(pipe(go) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char byte;
        read_all(go[0], &byte, 1);
        pid_t grandchild = fork();
        if (grandchild == 0)
            _exit(3);
        waitpid(grandchild, NULL, 0);
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    if (ptrace(PTRACE_SEIZE, child, NULL,
               PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT) < 0) {
        kill(child, SIGKILL);
        SKIP("a child cannot be traced here (errno %d)", errno);
    }
    CHECK(ptrace(PTRACE_INTERRUPT, child, NULL, NULL) == 0);
    int status, forks = 0, execs = 0, exits = 0, ends = 0;
    CHECK(waitpid(child, &status, __WALL) == child && status >> 16 == PTRACE_EVENT_STOP);
    CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0);
    write_all(go[1], "x", 1);
    while (ends < 2) {
        pid_t pid = waitpid(-1, &status, __WALL);
        CHECK(pid > 0);
        if (!WIFSTOPPED(status)) {
            ends++;
            continue;
        }
        unsigned long message = 0;
        int event = status >> 16, sig = 0;
        if (event == PTRACE_EVENT_FORK) {
            CHECK(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) == 0);
            say("%d forked %lu\n", (int)pid, message);
            forks++;
        } else if (event == PTRACE_EVENT_EXEC) {
            execs++;
        } else if (event == PTRACE_EVENT_EXIT) {
            CHECK(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) == 0);
            say("%d exits with %lx\n", (int)pid, message);
            exits++;
        } else if (event == 0) {
            sig = WSTOPSIG(status);
        }
        CHECK(ptrace(PTRACE_CONT, pid, NULL, (long)sig) == 0);
    }
    CHECK(forks == 1 && execs == 1 && exits == 2);
    CHECK(waitpid(-1, &status, __WALL) == -1 && errno == ECHILD);
    return 0;
}

/* A breakpoint of the CPU on a variable of a child: the debug registers are set by PTRACE_POKEUSER
 * into struct user (ptrace(2)); the trap comes behind the instruction that wrote. */
#include "tracer.h"

#include <stddef.h>

#define DEBUG_REG(n)          (offsetof(struct user, u_debugreg) + (n) * sizeof(long))
#define WATCH_8_BYTES_WRITTEN (1l | 1l << 16 | 2l << 18)

static volatile uint64_t watched, other;

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        trace_me();
        raise(SIGSTOP);
        uint64_t start = random_word();
        for (uint64_t i = 1; i <= 9; i++) {
            other += start;
            if (i % 3 == 0)
                watched = start + i;
        }
        _exit(other == 9 * start ? 7 : 1);
    }
    CHECK(wait_for_stop(child) == SIGSTOP);
    if (ptrace(PTRACE_POKEUSER, child, DEBUG_REG(0), &watched) < 0 ||
        ptrace(PTRACE_POKEUSER, child, DEBUG_REG(7), WATCH_8_BYTES_WRITTEN) < 0) {
        kill(child, SIGKILL);
        SKIP("no debug registers here (errno %d)", errno);
    }
    for (int i = 1; i <= 3; i++) {
        int status;
        CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0);
        CHECK(waitpid(child, &status, __WALL) == child);
        if (i == 1 && WIFEXITED(status) && WEXITSTATUS(status) == 7)
            SKIP("debug registers never hit here");
        CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
        errno = 0;
        long value = ptrace(PTRACE_PEEKDATA, child, &watched, NULL);
        CHECK(errno == 0);
        say("written %lx\n", (unsigned long)value);
    }
    CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0);
    int status = wait_for(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    return 0;
}

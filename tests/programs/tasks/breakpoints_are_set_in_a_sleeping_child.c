/* A tracer interrupts a child that sleeps, sets the CPU's debug registers, writes its registers
 * back as they were, and lets it go on: the sleep goes on, too, for the time that is left:
 * ptrace(2). */
#include "check.h"

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

static volatile int watched;

static void child(int out)
{
    for (int i = 0; i < 4; i++) {
        int64_t start = (int64_t)now_ns();
        usleep(30000);
        int64_t took = (int64_t)now_ns() - start;
        CHECK(took >= 30000000);
        CHECK(write(out, &took, sizeof took) == sizeof took);
    }
    _exit(watched == 0 ? 4 : 5);
}

static void set_breakpoint(pid_t pid, uintptr_t addr, uintptr_t control)
{
    size_t first = offsetof(struct user, u_debugreg);
    CHECK(ptrace(PTRACE_POKEUSER, pid, first + 7 * 8, 0) == 0);
    CHECK(ptrace(PTRACE_POKEUSER, pid, first, addr) == 0);
    CHECK(ptrace(PTRACE_POKEUSER, pid, first + 7 * 8, control) == 0);
}

int main(void)
{
    int fds[2], status;
    CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        child(fds[1]);
    CHECK(ptrace(PTRACE_SEIZE, pid, 0, 0) == 0);
    for (int i = 0; i < 4; i++) {
        int64_t took;
        usleep(10000);
        CHECK(ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0);
        CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
        set_breakpoint(pid, (uintptr_t)&watched, i % 2 == 0 ? 0xd0101 : 0);
        struct user_regs_struct regs;
        CHECK(ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0);
        CHECK(ptrace(PTRACE_SETREGS, pid, 0, &regs) == 0);
        CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
        CHECK(read(fds[0], &took, sizeof took) == sizeof took);
        say("slept for %ld ns\n", (long)took);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 4);
    return 0;
}

/* A tracer that changes arguments, numbers and results of its child's calls, and memory that they
 * read, at entry and exit stops: ptrace(2). */
#include "tracer.h"

#include <stddef.h>

static char text[] = "as the child wrote it\n";

static void next_stop(pid_t pid, struct user_regs_struct *regs)
{
    CHECK(ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == 0);
    CHECK(wait_for_stop(pid) == (SIGTRAP | 0x80));
    CHECK(ptrace(PTRACE_GETREGS, pid, NULL, regs) == 0);
}

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        trace_me();
        raise(SIGSTOP);
        CHECK(syscall(SYS_getppid) == -1 && errno == EPERM); /* never made */
        CHECK(syscall(SYS_write, -1, text, sizeof text - 1) == 3);
        CHECK(syscall(SYS_getuid) == 4711); /* another result */
        _exit(0);
    }
    struct user_regs_struct regs;
    CHECK(wait_for_stop(child) == SIGSTOP);
    CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD) == 0);
    for (bool entry = true;; entry = !entry) {
        next_stop(child, &regs);
        if (regs.orig_rax == SYS_getppid && entry) {
            regs.orig_rax = (unsigned long long)-1;
            CHECK(ptrace(PTRACE_SETREGS, child, NULL, &regs) == 0);
            next_stop(child, &regs);
            regs.rax = (unsigned long long)-EPERM;
            CHECK(ptrace(PTRACE_SETREGS, child, NULL, &regs) == 0);
            entry = false;
        } else if (regs.orig_rax == SYS_write && entry) {
            long word = (long)random_word();
            memcpy(&word, "ok\n", 3);
            CHECK(ptrace(PTRACE_POKEDATA, child, text, word) == 0);
            regs.rdi = STDOUT_FILENO;
            regs.rdx = 3;
            CHECK(ptrace(PTRACE_SETREGS, child, NULL, &regs) == 0);
        } else if (regs.orig_rax == SYS_getuid && !entry) {
            CHECK(ptrace(PTRACE_POKEUSER, child, offsetof(struct user_regs_struct, rax), 4711l) ==
                  0);
            break;
        }
    }
    CHECK(ptrace(PTRACE_DETACH, child, NULL, NULL) == 0);
    wait_for_success(child);
    return 0;
}

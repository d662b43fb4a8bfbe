/* A small strace: PTRACE_TRACEME, PTRACE_SYSCALL, PTRACE_O_TRACESYSGOOD, registers at entry and
 * exit, an argument changed on the way: ptrace(2). */
#include "tracer.h"

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        trace_me();
        raise(SIGSTOP);
        uint64_t word = random_word();
        int fd = scratch_file();
        write_all(fd, &word, sizeof word);
        syscall(SYS_getppid);
        _exit(syscall(SYS_getpid) == getppid() ? 50 : 51);
    }
    CHECK(wait_for_stop(child) == SIGSTOP);
    CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD) == 0);
    bool entry = true;
    int status, calls = 0;
    for (;;) {
        CHECK(ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0);
        CHECK(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status))
            break;
        CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80));
        struct user_regs_struct regs;
        CHECK(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
        if (entry) {
            CHECK((long)regs.rax == -ENOSYS);
            calls++;
        } else {
            say("call %ld: %ld\n", (long)regs.orig_rax, (long)regs.rax);
            if (regs.orig_rax == SYS_getpid) {
                regs.rax = (unsigned long long)getpid(); /* the child takes itself for its parent */
                CHECK(ptrace(PTRACE_SETREGS, child, NULL, &regs) == 0);
            }
        }
        entry = !entry;
    }
    CHECK(WEXITSTATUS(status) == 50);
    say("%d made %d calls\n", (int)child, calls);
    return 0;
}

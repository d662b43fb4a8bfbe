/* PTRACE_SINGLESTEP through some code, registers of the FPU, siginfo of the stops, a signal that
 * the tracer swallows and one that it injects: ptrace(2). */
#include "tracer.h"

static volatile sig_atomic_t got;

static void handler(int sig)
{
    got = sig;
}

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        trace_me();
        signal(SIGUSR2, handler);
        raise(SIGSTOP);
        raise(SIGUSR1); /* swallowed */
        raise(SIGUSR1); /* becomes SIGUSR2 */
        CHECK(got == SIGUSR2);
        _exit(15);
    }
    CHECK(wait_for_stop(child) == SIGSTOP);
    uint64_t trail = 0;
    for (int i = 0; i < 200; i++) {
        struct user_regs_struct regs;
        CHECK(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
        trail = trail * 31 + regs.rip;
        CHECK(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0);
        int sig = wait_for_stop(child);
        siginfo_t info;
        CHECK(ptrace(PTRACE_GETSIGINFO, child, NULL, &info) == 0);
        if (sig == SIGUSR1) {
            CHECK(info.si_pid == child && info.si_code == SI_TKILL);
            CHECK(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0);
            CHECK(wait_for_stop(child) == SIGTRAP);
            break;
        }
        CHECK(sig == SIGTRAP);
    }
    struct user_fpregs_struct fp;
    CHECK(ptrace(PTRACE_GETFPREGS, child, NULL, &fp) == 0 && fp.mxcsr != 0);
    say("trail %016lx, mxcsr %x\n", (long)trail, fp.mxcsr);
    for (int sig = 0;;) {
        CHECK(ptrace(PTRACE_CONT, child, NULL, (long)sig) == 0);
        int status;
        CHECK(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status)) {
            CHECK(WEXITSTATUS(status) == 15);
            break;
        }
        CHECK(WIFSTOPPED(status));
        sig = WSTOPSIG(status) == SIGUSR1 ? SIGUSR2 : 0;
    }
    say("child %d\n", (int)child);
    return 0;
}

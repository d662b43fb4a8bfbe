/* A program that traces its child: each step is one instruction, also where one tells of the
 * machine or lies in a page that was never executed; it reads the code as it is, and its own int3
 * can take an instruction's place and give it back: ptrace(2). */
#include "telling.h"

#include <sys/ptrace.h>
#include <sys/user.h>

static void trace_me(void)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        SKIP("a child cannot be traced here (errno %d)", errno);
}

static int wait_for_stop(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, __WALL) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        _exit(77);
    CHECK(WIFSTOPPED(status));
    return WSTOPSIG(status);
}

static uint64_t rip_of(pid_t pid)
{
    struct user_regs_struct regs;
    CHECK(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
    return regs.rip;
}

static void check_reads(pid_t pid, const uint8_t *p)
{
    uint8_t bytes[24];
    for (size_t i = 0; i < sizeof bytes; i += 8) {
        errno = 0;
        long word = ptrace(PTRACE_PEEKTEXT, pid, p + i, NULL);
        CHECK(errno == 0);
        memcpy(bytes + i, &word, 8);
    }
    CHECK(memcmp(bytes, telling_code, sizeof telling_code) == 0);
}

/* The child stands at the function's begin. */
static void check_steps(pid_t pid, const uint8_t *p)
{
    static const uint8_t begins[] = {1, 3, 5, 7, 9, 10, 12, 16, 19, 21};
    CHECK(rip_of(pid) == (uintptr_t)p);
    for (size_t i = 0; i < sizeof begins; i++) {
        siginfo_t info;
        CHECK(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0);
        CHECK(wait_for_stop(pid) == SIGTRAP);
        CHECK(ptrace(PTRACE_GETSIGINFO, pid, NULL, &info) == 0);
        CHECK(info.si_code == TRAP_TRACE && info.si_addr == p + begins[i]);
        CHECK(rip_of(pid) == (uintptr_t)p + begins[i]);
        check_reads(pid, p);
    }
}

static long put_byte(pid_t pid, const uint8_t *at, uint8_t byte)
{
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, pid, at, NULL);
    CHECK(errno == 0);
    CHECK(ptrace(PTRACE_POKETEXT, pid, at, (word & ~0xffl) | byte) == 0);
    return word;
}

/* Runs the child to an int3 at the place, takes that away, and lets it go on from there. */
static void check_break(pid_t pid, const uint8_t *at)
{
    long word = put_byte(pid, at, 0xcc);
    CHECK((ptrace(PTRACE_PEEKTEXT, pid, at, NULL) & 0xff) == 0xcc);
    CHECK(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
    CHECK(wait_for_stop(pid) == SIGTRAP);
    struct user_regs_struct regs;
    CHECK(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
    CHECK(regs.rip == (uintptr_t)at + 1);
    regs.rip--;
    CHECK(ptrace(PTRACE_POKETEXT, pid, at, word) == 0);
    CHECK(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0);
}

static void run_to_stop(pid_t pid, int request)
{
    CHECK(ptrace(request, pid, NULL, NULL) == 0);
    while (wait_for_stop(pid) != SIGSTOP)
        CHECK(ptrace(request, pid, NULL, NULL) == 0);
}

/* What the child does between its stops. */
static _Noreturn void be_traced(uint8_t *p, uint8_t *fresh)
{
    trace_me();
    for (int i = 0; i < 4; i++) {
        raise(SIGSTOP);
        check_tells(p);
    }
    raise(SIGSTOP);
    check_tells(fresh);
    raise(SIGSTOP);
    check_tells(fresh);
    _exit(0);
}

int main(void)
{
    uint8_t *p = telling_page(), *fresh = telling_page();
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        be_traced(p, fresh);
    CHECK(wait_for_stop(pid) == SIGSTOP);
    check_reads(pid, p);
    check_break(pid, p); /* in a page never executed */
    check_steps(pid, p);
    run_to_stop(pid, PTRACE_CONT);
    check_break(pid, p + TELLING_CPUID_AT); /* where an instruction was rewritten */
    check_reads(pid, p);
    run_to_stop(pid, PTRACE_SYSCALL);
    check_break(pid, p);
    check_steps(pid, p);
    run_to_stop(pid, PTRACE_CONT);
    check_break(pid, p + TELLING_RDTSC_AT);
    CHECK(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0);
    CHECK(wait_for_stop(pid) == SIGTRAP && rip_of(pid) == (uintptr_t)p + TELLING_RDTSC_AT + 2);
    run_to_stop(pid, PTRACE_CONT);
    check_reads(pid, fresh);
    /* step by step to a page that was never executed */
    for (int steps = 0; rip_of(pid) != (uintptr_t)fresh; steps++) {
        CHECK(steps < 20000);
        CHECK(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0);
        CHECK(wait_for_stop(pid) == SIGTRAP);
    }
    check_steps(pid, fresh);
    run_to_stop(pid, PTRACE_SYSCALL);
    CHECK(ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0);
    wait_for_success(pid);
    return 0;
}

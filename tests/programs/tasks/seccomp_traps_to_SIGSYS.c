/* SECCOMP_RET_TRAP: the call does not run, SIGSYS comes with its number and place, and the handler
 * sets the result: seccomp(2). */
#include "seccomp_filter.h"

#include <ucontext.h>

static volatile sig_atomic_t traps;
static volatile long value;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    ucontext_t *c = context;
    CHECK(info->si_code == 1 /* SYS_SECCOMP */ && info->si_syscall == SYS_getppid);
    CHECK(info->si_errno == 123);
    CHECK((uintptr_t)info->si_call_addr == (uintptr_t)c->uc_mcontext.gregs[REG_RIP]);
    CHECK(c->uc_mcontext.gregs[REG_RAX] == SYS_getppid || c->uc_mcontext.gregs[REG_RAX] == -ENOSYS);
    value = (long)(random_word() >> 1);
    c->uc_mcontext.gregs[REG_RAX] = value;
    traps++;
}

int main(void)
{
    handle(SIGSYS, handler, 0);
    SECCOMP_TREAT(SYS_getppid, SECCOMP_RET_TRAP | 123);
    for (int i = 1; i <= 5; i++) {
        long r = syscall(SYS_getppid);
        CHECK(traps == i && r == value);
        say("emulated: %016lx\n", r);
    }
    return 0;
}

/* PR_SET_TSC and ARCH_SET_CPUID by the program: the instruction faults with SIGSEGV, si_code
 * SI_KERNEL, where it stands, in code of any origin; and kills where the signal is blocked or
 * ignored: prctl(2), arch_prctl(2), signal(7). */
#include "telling.h"

#include <asm/prctl.h>
#include <sys/prctl.h>
#include <ucontext.h>

static volatile sig_atomic_t faults;
static volatile uintptr_t last_ip;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    CHECK(sig == SIGSEGV && info->si_code == SI_KERNEL && info->si_addr == NULL);
    last_ip = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
    c->uc_mcontext.gregs[REG_RIP] += 2;
    c->uc_mcontext.gregs[REG_RAX] = 0;
    c->uc_mcontext.gregs[REG_RDX] = 0;
    faults++;
}

static bool cpuid_can_be_forbidden(void)
{
    return syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1) == 0;
}

static void forbid(bool cpuid, bool on)
{
    int mode = 0;
    if (cpuid) {
        CHECK(syscall(SYS_arch_prctl, ARCH_SET_CPUID, on ? 0 : 1) == 0);
        CHECK(syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0) == !on);
        return;
    }
    CHECK(prctl(PR_SET_TSC, on ? PR_TSC_SIGSEGV : PR_TSC_ENABLE) == 0);
    CHECK(prctl(PR_GET_TSC, &mode) == 0 && mode == (on ? PR_TSC_SIGSEGV : PR_TSC_ENABLE));
}

static void check_faults(const uint8_t *p, bool cpuid)
{
    for (int i = 0; i < 3; i++) {
        faults = 0;
        last_ip = 0;
        tell(p);
        CHECK(faults == 1);
        CHECK(last_ip == (uintptr_t)p + (cpuid ? TELLING_CPUID_AT : TELLING_RDTSC_AT));
    }
}

static void check_kind(bool cpuid)
{
    uint8_t *before = telling_page(), *after;
    check_tells(before);
    forbid(cpuid, true);
    check_faults(before, cpuid);
    after = telling_page();
    check_faults(after, cpuid);
    forbid(cpuid, false);
    check_tells(before);
    check_tells(after);
    forbid(cpuid, true);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_faults(before, cpuid);
        forbid(cpuid, false);
        check_tells(before);
        _exit(0);
    }
    wait_for_success(child);
    check_faults(after, cpuid);
    forbid(cpuid, false);
}

/* how: 0 blocked, 1 ignored, 2 neither and no handler. */
static void check_kills(bool cpuid, int how)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        uint8_t *p = telling_page();
        sigset_t segv;
        sigemptyset(&segv);
        sigaddset(&segv, SIGSEGV);
        if (how == 0)
            CHECK(sigprocmask(SIG_BLOCK, &segv, NULL) == 0);
        else
            signal(SIGSEGV, how == 1 ? SIG_IGN : SIG_DFL);
        forbid(cpuid, true);
        tell(p);
        _exit(1);
    }
    int status = wait_for(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

int main(void)
{
    handle(SIGSEGV, handler, 0);
    check_kind(false);
    for (int how = 0; how < 3; how++)
        check_kills(false, how);
    if (!cpuid_can_be_forbidden())
        return 0;
    check_kind(true);
    for (int how = 0; how < 3; how++)
        check_kills(true, how);
    return 0;
}

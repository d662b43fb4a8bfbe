/* ARCH_SET_CPUID makes cpuid fault with SIGSEGV, ARCH_GET_CPUID tells; exec allows it again:
 * arch_prctl(2). */
#include "check.h"

#include <asm/prctl.h>
#include <ucontext.h>

static volatile sig_atomic_t faults;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    ucontext_t *c = context;
    CHECK(info->si_code == SI_KERNEL);
    c->uc_mcontext.gregs[REG_RIP] += 2;
    faults++;
}

static uint32_t cpuid(void)
{
    uint32_t a = 0, b = 5, c = 0, d = 5;
    __asm__ volatile("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
    return b;
}

int main(int argc, char **argv)
{
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0) == 1);
    uint32_t first = cpuid();
    if (argc > 1) {
        say("%08x after exec in %d\n", first, (int)getpid());
        return 0;
    }
    if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) < 0)
        SKIP("cpuid cannot be forbidden on this machine");
    handle(SIGSEGV, handler, 0);
    CHECK(cpuid() == 5 && faults == 1);
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(cpuid() == 5 && faults == 2);
        execl("/proc/self/exe", argv[0], "again", (char *)NULL);
        _exit(1);
    }
    wait_for_success(child);
    CHECK(syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1) == 0);
    CHECK(cpuid() == first && faults == 1);
    say("%08x\n", first);
    return 0;
}

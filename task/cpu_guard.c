/* Owns the tracer's own use of cpuid while it is trapped. */
#include "task/cpu_guard.h"

#include "task/cpu.h"

#include <asm/prctl.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)info;
    int saved = errno;
    ucontext_t *uc = context;
    greg_t *regs = uc->uc_mcontext.gregs;
    const unsigned char *code = (const void *)regs[REG_RIP];
    if (info->si_code != SI_KERNEL || code[0] != 0x0f || code[1] != 0xa2) {
        signal(signo, SIG_DFL); /* a fault of our own: it comes again and ends us */
        return;
    }
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
    struct cpuid_regs v = cpu_native((uint32_t)regs[REG_RAX], (uint32_t)regs[REG_RCX]);
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0);
    regs[REG_RAX] = v.eax;
    regs[REG_RBX] = v.ebx;
    regs[REG_RCX] = v.ecx;
    regs[REG_RDX] = v.edx;
    regs[REG_RIP] += 2;
    errno = saved;
}

void cpu_guard_enter(struct cpu_guard *g)
{
    if (!cpu_can_trap_cpuid())
        return;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (sigaction(SIGSEGV, &action, &g->old_action) < 0)
        return;
    g->on = syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) == 0;
    if (!g->on)
        sigaction(SIGSEGV, &g->old_action, NULL);
}

void cpu_guard_leave(struct cpu_guard *g)
{
    if (!g->on)
        return;
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
    sigaction(SIGSEGV, &g->old_action, NULL);
    g->on = false;
}

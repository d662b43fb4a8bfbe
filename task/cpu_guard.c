/* Owns the tracer's own use of cpuid and rdtsc while they are turned off. */
#include "task/cpu_guard.h"

#include "task/cpu.h"

#include <asm/prctl.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86intrin.h>

static void set_cpuid(bool works)
{
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, works ? 1 : 0);
}

static bool set_tsc(bool works)
{
    return prctl(PR_SET_TSC, works ? PR_TSC_ENABLE : PR_TSC_SIGSEGV) == 0;
}

static void answer_cpuid(greg_t *regs)
{
    set_cpuid(true);
    struct cpuid_regs v = cpu_native((uint32_t)regs[REG_RAX], (uint32_t)regs[REG_RCX]);
    set_cpuid(false);
    regs[REG_RAX] = v.eax;
    regs[REG_RBX] = v.ebx;
    regs[REG_RCX] = v.ecx;
    regs[REG_RDX] = v.edx;
}

static void answer_tsc(greg_t *regs, bool with_aux)
{
    unsigned aux = 0;
    set_tsc(true);
    uint64_t tsc = with_aux ? __rdtscp(&aux) : __rdtsc();
    set_tsc(false);
    regs[REG_RAX] = (greg_t)(uint32_t)tsc;
    regs[REG_RDX] = (greg_t)(tsc >> 32);
    if (with_aux)
        regs[REG_RCX] = (greg_t)aux;
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
    int saved = errno;
    ucontext_t *uc = context;
    greg_t *regs = uc->uc_mcontext.gregs;
    size_t len = 0;
    /* the instruction was fetched, so 3 bytes can be read unless it is shorter and a page ends */
    const uint8_t *code = (const void *)regs[REG_RIP];
    size_t readable = ((uintptr_t)code & 4095) == 4094 ? 2 : 3;
    enum cpu_trap kind =
        info->si_code == SI_KERNEL ? cpu_trap_decode(code, readable, &len) : CPU_TRAP_NONE;
    switch (kind) {
    case CPU_TRAP_NONE:
        signal(signo, SIG_DFL); /* a fault of our own: it comes again and ends us */
        return;
    case CPU_TRAP_CPUID:
        answer_cpuid(regs);
        break;
    case CPU_TRAP_RDTSC:
    case CPU_TRAP_RDTSCP:
        answer_tsc(regs, kind == CPU_TRAP_RDTSCP);
        break;
    }
    regs[REG_RIP] += (greg_t)len;
    errno = saved;
}

void cpu_guard_enter(struct cpu_guard *g, const struct machine *m)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (sigaction(SIGSEGV, &action, &g->old_action) < 0)
        return;
    g->cpuid_off = m->has[MACHINE_CPUID_TRAP] && syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) == 0;
    g->tsc_off = m->has[MACHINE_TSC_TRAP] && set_tsc(false);
    if (!g->cpuid_off && !g->tsc_off)
        sigaction(SIGSEGV, &g->old_action, NULL);
}

void cpu_guard_leave(struct cpu_guard *g)
{
    if (!g->cpuid_off && !g->tsc_off)
        return;
    if (g->cpuid_off)
        set_cpuid(true);
    if (g->tsc_off)
        set_tsc(true);
    sigaction(SIGSEGV, &g->old_action, NULL);
    g->cpuid_off = g->tsc_off = false;
}

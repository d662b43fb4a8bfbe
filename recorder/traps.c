/* Owns what trapped instructions answer. They fault with a general protection exception, which
 * has no address: si_code is SI_KERNEL (arch/x86/kernel/traps.c, exc_general_protection). */
#include "recorder/traps.h"

#include "recorder/emit.h"
#include "recorder/loop.h"
#include "task/cpu.h"

#include <x86intrin.h>

static void answer_tsc(bool with_aux, struct user_regs_struct *regs, Reprise__Trap *trap)
{
    unsigned aux = 0;
    trap->kind = with_aux ? REPRISE__TRAP__KIND__RDTSCP : REPRISE__TRAP__KIND__RDTSC;
    trap->tsc = with_aux ? __rdtscp(&aux) : __rdtsc();
    trap->aux = aux;
    regs->rax = (uint32_t)trap->tsc;
    regs->rdx = trap->tsc >> 32;
    if (with_aux)
        regs->rcx = aux;
}

static void answer_cpuid(struct recorder *r, struct user_regs_struct *regs, Reprise__Trap *trap)
{
    Reprise__CpuidLeaf *leaf = emit_alloc(r, sizeof *leaf);
    reprise__cpuid_leaf__init(leaf);
    trap->kind = REPRISE__TRAP__KIND__CPUID;
    trap->leaf = (uint32_t)regs->rax;
    trap->subleaf = (uint32_t)regs->rcx;
    trap->cpuid = leaf;
    bool baseline = r->options->cpu == RECORDER_CPU_BASELINE;
    struct cpuid_regs v = cpu_offered(trap->leaf, trap->subleaf, baseline);
    leaf->leaf = trap->leaf;
    leaf->subleaf = trap->subleaf;
    regs->rax = leaf->eax = v.eax;
    regs->rbx = leaf->ebx = v.ebx;
    regs->rcx = leaf->ecx = v.ecx;
    regs->rdx = leaf->edx = v.edx;
}

bool traps_take(struct recorder *r, struct task *t, const siginfo_t *info,
                const struct user_regs_struct *before)
{
    if (info->si_code != SI_KERNEL)
        return false;
    uint8_t code[15];
    long n = tracee_read(t->tid, before->rip, code, sizeof code);
    size_t len = 0;
    enum cpu_trap kind = n > 0 ? cpu_trap_decode(code, (size_t)n, &len) : CPU_TRAP_NONE;
    if (kind == CPU_TRAP_NONE)
        return false;
    if (kind == CPU_TRAP_CPUID ? t->cpuid_off_by_program : t->tsc_off_by_program)
        return false; /* the program wants the fault */
    struct user_regs_struct regs = *before;
    Reprise__Trap trap = REPRISE__TRAP__INIT;
    trap.ip = regs.rip;
    if (kind == CPU_TRAP_CPUID)
        answer_cpuid(r, &regs, &trap);
    else
        answer_tsc(kind == CPU_TRAP_RDTSCP, &regs, &trap);
    regs.rip += len;
    if (tracee_set_regs(t->tid, &regs) < 0)
        return true;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_TRAP;
    e.trap = &trap;
    emit_event(r, t, &e);
    t->signal_imminent = false;
    task_resume(r, t, 0);
    return true;
}

/* Owns what trapped instructions answer. They fault with a general protection exception, which
 * has no address: si_code is SI_KERNEL (arch/x86/kernel/traps.c, exc_general_protection). */
#include "recorder/traps.h"

#include "base/no_memory.h"
#include "recorder/emit.h"
#include "recorder/group.h"
#include "recorder/loop.h"
#include "recorder/ptrace_stops.h"
#include "recorder/signals.h"
#include "task/cpu_level.h"

#include <stdlib.h>
#include <x86intrin.h>

#define CPUID_KNOWN_MAX 1024

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

/* CPUID answers are the same all along: the recorder is pinned. Asking the CPU costs a trap. */
static struct cpuid_regs offered(struct recorder *r, uint32_t leaf, uint32_t subleaf)
{
    uint64_t key = (uint64_t)leaf << 32 | subleaf;
    struct cpuid_regs *known = map64_get(&r->cpuid, key);
    if (known != NULL)
        return *known;
    known = malloc(sizeof *known);
    if (known == NULL)
        no_memory();
    *known = cpu_offered(leaf, subleaf, r->level);
    struct cpuid_regs answer = *known;
    if (r->cpuid.len >= CPUID_KNOWN_MAX || map64_put(&r->cpuid, key, known) < 0)
        free(known); /* a program that asks for leaves at random shall not fill our memory */
    return answer;
}

void traps_done(struct recorder *r)
{
    size_t pos = 0;
    for (struct cpuid_regs *v; (v = map64_next(&r->cpuid, &pos)) != NULL;)
        free(v);
    map64_done(&r->cpuid);
}

static void answer_cpuid(struct recorder *r, struct user_regs_struct *regs, Reprise__Trap *trap)
{
    Reprise__CpuidLeaf *leaf = emit_alloc(r, sizeof *leaf);
    reprise__cpuid_leaf__init(leaf);
    trap->kind = REPRISE__TRAP__KIND__CPUID;
    trap->leaf = (uint32_t)regs->rax;
    trap->subleaf = (uint32_t)regs->rcx;
    trap->cpuid = leaf;
    struct cpuid_regs v = offered(r, trap->leaf, trap->subleaf);
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
    t->regs = regs;
    if (t->traced != NULL)
        ptrace_did_step(t);
    if (t->held != NULL && t->traced == NULL)
        signals_deliver_held(r, t);
    else if (t->traced != NULL || !group_yield(r, t))
        task_resume(r, t, 0);
    return true;
}

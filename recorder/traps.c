/* Owns what trapped instructions answer. They fault with a general protection exception, which
 * has no address: si_code is SI_KERNEL (arch/x86/kernel/traps.c, exc_general_protection). */
#include "recorder/traps.h"

#include "base/no_memory.h"
#include "recorder/agenda.h"
#include "recorder/code_watch.h"
#include "recorder/emit.h"
#include "recorder/forced_signals.h"
#include "recorder/group.h"
#include "recorder/hot_reads.h"
#include "recorder/hot_traps.h"
#include "recorder/ptrace_show.h"
#include "recorder/ptrace_stops.h"
#include "recorder/rewrites.h"
#include "recorder/signal_delivery.h"
#include "recorder/state_traps.h"
#include "recorder/task_control.h"
#include "task/cpu_level.h"
#include "task/memory_operand.h"
#include "task/random_insn.h"

#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#define CPUID_KNOWN_MAX 1024

static void answer_tsc(bool with_aux, struct user_regs_struct *regs, Reprise__Trap *trap)
{
    unsigned aux = 0;
    trap->kind = with_aux ? REPRISE__TRAP__KIND__RDTSCP : REPRISE__TRAP__KIND__RDTSC;
    trap->tsc = with_aux ? __rdtscp(&aux) : __rdtsc();
    trap->aux = aux;
    regs_set_wide(regs, trap->tsc);
    if (with_aux)
        regs_set_aux(regs, aux);
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
    trap->leaf = regs_leaf(regs);
    trap->subleaf = regs_subleaf(regs);
    trap->cpuid = leaf;
    struct cpuid_regs v = offered(r, trap->leaf, trap->subleaf);
    leaf->leaf = trap->leaf;
    leaf->subleaf = trap->subleaf;
    leaf->eax = v.eax;
    leaf->ebx = v.ebx;
    leaf->ecx = v.ecx;
    leaf->edx = v.edx;
    regs_set_cpuid(regs, v.eax, v.ebx, v.ecx, v.edx);
}

/* ---- the others ---- */

static void answer_xgetbv(struct recorder *r, struct user_regs_struct *regs, Reprise__Trap *trap)
{
    trap->kind = REPRISE__TRAP__KIND__XGETBV;
    trap->leaf = regs_subleaf(regs);
    uint64_t value = r->xcr0;
    regs_set_wide(regs, value);
}

static void set_register(const struct machine_insn *insn, uint64_t value,
                         struct user_regs_struct *regs)
{
    unsigned long long *word = general_register(regs, insn->reg);
    if (insn->size == 2)
        *word = (*word & ~0xffffull) | (uint16_t)value;
    else
        *word = insn->size == 4 ? (uint32_t)value : value;
}

#define ARITHMETIC_FLAGS 0x8d5u /* OF SF ZF AF PF CF */
#define CARRY            0x1u

static void answer_random(const struct machine_insn *insn, struct user_regs_struct *regs,
                          Reprise__Trap *trap)
{
    uint64_t value;
    bool ok = random_insn_execute(insn->kind, &value);
    trap->kind = insn->kind == MACHINE_RDRAND   ? REPRISE__TRAP__KIND__RDRAND
                 : insn->kind == MACHINE_RDSEED ? REPRISE__TRAP__KIND__RDSEED
                                                : REPRISE__TRAP__KIND__RDPID;
    set_register(insn, ok ? value : 0, regs);
    if (insn->kind != MACHINE_RDPID)
        regs_set_flags(regs, (regs_flags(regs) & ~(unsigned long long)ARITHMETIC_FLAGS) |
                                 (ok ? CARRY : 0));
}

/* An instruction of the program that has stopped it. */
struct trapped {
    struct machine_insn insn;
    bool rewritten;            /* by its int3, and this is what the program has there: */
    uint8_t code[REWRITE_MAX]; /* as far as the instruction goes */
};

/* regs: rip is at the instruction. False: it raises a signal instead. */
static bool answer(struct recorder *r, struct task *t, const struct trapped *at,
                   struct user_regs_struct *regs, Reprise__Trap *trap, siginfo_t *ret_fault)
{
    const struct machine_insn *insn = &at->insn;
    switch (insn->kind) {
    case MACHINE_CPUID:
        answer_cpuid(r, regs, trap);
        break;
    case MACHINE_RDTSC:
    case MACHINE_RDTSCP:
        answer_tsc(insn->kind == MACHINE_RDTSCP, regs, trap);
        break;
    case MACHINE_XGETBV:
        answer_xgetbv(r, regs, trap);
        break;
    case MACHINE_RDRAND:
    case MACHINE_RDSEED:
    case MACHINE_RDPID:
        answer_random(insn, regs, trap);
        break;
    case MACHINE_FXSAVE:
    case MACHINE_XSAVE:
    case MACHINE_XRSTOR:
    case MACHINE_XSAVEOPT:
    case MACHINE_XSAVEC:
        return state_traps_answer(r, t, insn->kind, at->code, insn->len, regs, trap, ret_fault);
    case MACHINE_NONE:
        break;
    }
    return true;
}

/* ---- the stop ---- */

/* The instruction that raised the signal, if it is one of ours. */
static bool find_insn(struct task *t, const siginfo_t *info, const struct user_regs_struct *regs,
                      struct trapped *ret)
{
    const struct rewrite *rewrite = code_watch_trapped(t, info, regs);
    *ret = (struct trapped){.rewritten = rewrite != NULL};
    if (rewrite != NULL) {
        ret->insn = rewrite->insn;
        memcpy(ret->code, rewrite->original, sizeof ret->code);
        return true;
    }
    uint8_t code[15];
    if (info->si_signo != SIGSEGV || info->si_code != SI_KERNEL)
        return false;
    long n = tracee_read(t->tid, regs_ip(regs), code, sizeof code);
    return n > 0 && machine_insn_at(code, (size_t)n, &ret->insn) &&
           (ret->insn.kind == MACHINE_CPUID || ret->insn.kind == MACHINE_RDTSC ||
            ret->insn.kind == MACHINE_RDTSCP);
}

/* Whether it faults for the program: which has turned it off by itself, or asks for a register that
 * it was not told of (XGETBV with ECX = 1 is offered at no level). */
static bool is_refused(const struct task *t, enum machine_insn_kind kind,
                       const struct user_regs_struct *regs)
{
    switch (kind) {
    case MACHINE_CPUID:
        return t->cpuid_off_by_program;
    case MACHINE_RDTSC:
    case MACHINE_RDTSCP:
        return t->tsc_off_by_program;
    case MACHINE_XGETBV:
        return regs_subleaf(regs) != 0;
    case MACHINE_RDRAND:
    case MACHINE_RDSEED:
    case MACHINE_RDPID:
    case MACHINE_FXSAVE:
    case MACHINE_XSAVE:
    case MACHINE_XRSTOR:
    case MACHINE_XSAVEOPT:
    case MACHINE_XSAVEC:
    case MACHINE_NONE:
        break;
    }
    return false;
}

static void emit_trap(struct recorder *r, struct task *t, Reprise__Trap *trap)
{
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_TRAP;
    e.trap = trap;
    emit_event(r, t, &e);
}

/* The rewritten instruction would have faulted: the program takes what it would have raised. */
static void fault_instead(struct recorder *r, struct task *t, Reprise__Trap *trap,
                          struct user_regs_struct *regs, const siginfo_t *fault)
{
    trap->len = 0;
    if (!task_set_regs(r, t, regs))
        return;
    emit_trap(r, t, trap);
    forced_signals_mend(t, SIGTRAP);
    forced_signals_force(t, fault->si_signo);
    t->regs = *regs;
    t->signals.imminent = true;
    if (tracee_set_siginfo(t->tid, fault) < 0)
        return;
    if (t->traced == NULL || !ptrace_at_signal(r, t, fault, false, regs))
        signals_take_here(r, t, fault);
}

bool traps_take(struct recorder *r, struct task *t, const siginfo_t *info,
                const struct user_regs_struct *before)
{
    struct trapped trapped;
    struct user_regs_struct regs = *before, at = *before;
    siginfo_t fault = {.si_signo = SIGSEGV, .si_code = SI_KERNEL};
    Reprise__Trap trap = REPRISE__TRAP__INIT;
    if (hot_traps_take(r, t, info, before))
        return true;
    if (!find_insn(t, info, before, &trapped))
        return false;
    const struct machine_insn insn = trapped.insn;
    bool refused = is_refused(t, insn.kind, before), rewritten = trapped.rewritten;
    if (refused && !rewritten)
        return false;
    regs_set_ip(&regs, regs_ip(&regs) - rewritten);
    trap.ip = regs_ip(&regs);
    trap.rewritten = rewritten;
    trap.len = rewritten ? insn.len : 0;
    if (refused || !answer(r, t, &trapped, &regs, &trap, &fault)) {
        fault_instead(r, t, &trap, &regs, &fault);
        return true;
    }
    regs_set_ip(&at, regs_ip(&regs));
    if (insn.kind != MACHINE_CPUID && insn.kind != MACHINE_RDTSC && insn.kind != MACHINE_RDTSCP)
        emit_changed_regs(r, &at, &regs, true, &trap.regs, &trap.n_regs);
    regs_set_ip(&regs, regs_ip(&regs) + insn.len);
    if (!task_set_regs(r, t, &regs))
        return true;
    emit_trap(r, t, &trap);
    if (rewritten)
        hot_reads_count(r, t, trap.ip, &regs);
    else if (machine_insn_reads_tsc(insn.kind))
        hot_traps_count(r, t, trap.ip, &regs);
    forced_signals_mend(t, info->si_signo);
    t->signals.imminent = false;
    t->regs = regs;
    if (t->traced != NULL)
        ptrace_did_step(t);
    if (t->signals.held != NULL && t->traced == NULL)
        signals_deliver_held(r, t);
    else if (t->traced != NULL || !group_yield(r, t))
        task_resume(r, t, 0);
    return true;
}

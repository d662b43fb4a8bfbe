/* Owns the int3 of trap points. */
#include "replayer/trap_point.h"

#include "code/machine_code.h"
#include "replayer/task_run.h"

static bool traps_by_itself(const struct replayer *r, const Reprise__Trap *trap)
{
    return trap->rewritten || trap->by_stub ||
           replayer_has(r, trap->kind == REPRISE__TRAP__KIND__CPUID ? MACHINE_CPUID_TRAP
                                                                    : MACHINE_TSC_TRAP);
}

static bool is_there(const struct rtask *t, const Reprise__Trap *trap)
{
    static const enum machine_insn_kind kinds[] = {
        [REPRISE__TRAP__KIND__RDTSC] = MACHINE_RDTSC,
        [REPRISE__TRAP__KIND__RDTSCP] = MACHINE_RDTSCP,
        [REPRISE__TRAP__KIND__CPUID] = MACHINE_CPUID,
    };
    struct machine_insn insn;
    uint8_t code[15];
    long n = tracee_read(t->pid, trap->ip, code, sizeof code);
    return n > 0 && (size_t)trap->kind < sizeof kinds / sizeof kinds[0] &&
           machine_insn_at(code, (size_t)n, &insn) && insn.kind == kinds[trap->kind];
}

bool trap_point_is_ready(struct replayer *r, const struct rtask *t, const Reprise__Trap *trap)
{
    return traps_by_itself(r, trap) || is_there(t, trap);
}

int trap_point_set(struct replayer *r, struct rtask *t, struct trap_point *ret)
{
    static const uint8_t int3 = 0xcc;
    const Reprise__Event *e = r->at.event;
    *ret = (struct trap_point){0};
    if (e->task != t->serial || e->body_case != REPRISE__EVENT__BODY_TRAP ||
        traps_by_itself(r, e->trap) || !is_there(t, e->trap))
        return 0;
    int err = tracee_read_all(t->pid, e->trap->ip, &ret->original, 1);
    if (err == 0)
        err = tracee_write(t->pid, e->trap->ip, &int3, 1);
    if (err < 0)
        return err_sys(r->err, -err, "cannot replace an instruction of replayed task %u",
                       t->serial);
    ret->addr = e->trap->ip;
    return 0;
}

void trap_point_clear(struct replayer *r, struct rtask *t, struct trap_point *point)
{
    uint64_t addr = point->addr;
    point->addr = 0;
    if (addr == 0 || tracee_write(t->pid, addr, &point->original, 1) < 0)
        return;
    siginfo_t info;
    if (tracee_get_siginfo(t->pid, &info) < 0 || info.si_signo != SIGTRAP ||
        info.si_code != SI_KERNEL || rtask_regs(r, t) == NULL || t->regs.rip != addr + 1)
        return;
    t->regs.rip = addr;
    t->fault = (siginfo_t){.si_signo = SIGSEGV, .si_code = SI_KERNEL};
    (void)tracee_set_reg(t->pid, REG_INDEX(rip), addr);
}

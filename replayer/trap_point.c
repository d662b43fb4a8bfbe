/* Owns the int3 of trap points. */
#include "replayer/trap_point.h"

#include "code/machine_code.h"
#include "replayer/task_run.h"

#include <string.h>

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

/* The program has forbidden itself the instruction, which raised a fault without an address:
 * prctl(2), PR_SET_TSC. */
static bool is_forbidden(const struct replayer *r, const struct rtask *t, const Reprise__Signal *s)
{
    siginfo_t info = {0};
    struct machine_insn insn;
    uint8_t code[15];
    size_t len = s->siginfo.len < sizeof info ? s->siginfo.len : sizeof info;
    memcpy(&info, s->siginfo.data, len);
    if (s->at != REPRISE__SIGNAL__AT__FAULT || s->signo != SIGSEGV || info.si_code != SI_KERNEL)
        return false;
    long n = tracee_read(t->pid, s->ip, code, sizeof code);
    if (n <= 0 || !machine_insn_at(code, (size_t)n, &insn))
        return false;
    bool is_tsc = insn.kind == MACHINE_RDTSC || insn.kind == MACHINE_RDTSCP;
    return (is_tsc && !replayer_has(r, MACHINE_TSC_TRAP)) ||
           (insn.kind == MACHINE_CPUID && !replayer_has(r, MACHINE_CPUID_TRAP));
}

/* Where the event at hand wants an int3; 0: nowhere. */
static uint64_t place_of(struct replayer *r, const struct rtask *t, const Reprise__Event *e)
{
    if (e->task != t->serial)
        return 0;
    if (e->body_case == REPRISE__EVENT__BODY_SIGNAL)
        return is_forbidden(r, t, e->signal) ? e->signal->ip : 0;
    bool is_trap = e->body_case == REPRISE__EVENT__BODY_TRAP;
    return is_trap && !traps_by_itself(r, e->trap) && is_there(t, e->trap) ? e->trap->ip : 0;
}

int trap_point_set(struct replayer *r, struct rtask *t, struct trap_point *ret)
{
    static const uint8_t int3 = 0xcc;
    uint64_t addr = place_of(r, t, r->at.event);
    *ret = (struct trap_point){0};
    if (addr == 0)
        return 0;
    int err = tracee_read_all(t->pid, addr, &ret->original, 1);
    if (err == 0)
        err = tracee_write(t->pid, addr, &int3, 1);
    if (err < 0)
        return err_sys(r->err, -err, "cannot replace an instruction of replayed task %u",
                       t->serial);
    ret->addr = addr;
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

/* Owns the choice how the task is stopped at such an instruction. */
#include "replayer/trap_point.h"

#include "code/machine_code.h"
#include "replayer/task_memory.h"
#include "replayer/task_run.h"

#include <stddef.h>
#include <sys/ptrace.h>

static bool traps_by_itself(const struct replayer *r, const Reprise__Trap *trap)
{
    return trap->rewritten || trap->by_stub ||
           replayer_has(r, trap->kind == REPRISE__TRAP__KIND__CPUID ? MACHINE_CPUID_TRAP
                                                                    : MACHINE_TSC_TRAP);
}

/* Of the instruction there: MACHINE_NONE if it is none of those that trap. */
static enum machine_insn_kind kind_at(const struct rtask *t, uint64_t ip)
{
    struct machine_insn insn;
    uint8_t code[15];
    long n = tracee_read(t->pid, ip, code, sizeof code);
    if (n <= 0 || !machine_insn_at(code, (size_t)n, &insn))
        return MACHINE_NONE;
    bool traps =
        insn.kind == MACHINE_RDTSC || insn.kind == MACHINE_RDTSCP || insn.kind == MACHINE_CPUID;
    return traps ? insn.kind : MACHINE_NONE;
}

static bool is_there(const struct rtask *t, const Reprise__Trap *trap)
{
    static const enum machine_insn_kind kinds[] = {
        [REPRISE__TRAP__KIND__RDTSC] = MACHINE_RDTSC,
        [REPRISE__TRAP__KIND__RDTSCP] = MACHINE_RDTSCP,
        [REPRISE__TRAP__KIND__CPUID] = MACHINE_CPUID,
    };
    return (size_t)trap->kind < sizeof kinds / sizeof kinds[0] &&
           kind_at(t, trap->ip) == kinds[trap->kind];
}

bool trap_point_is_ready(struct replayer *r, const struct rtask *t, const Reprise__Trap *trap)
{
    return traps_by_itself(r, trap) || is_there(t, trap);
}

/* The program had forbidden the instruction itself: it took the fault as a signal. */
static bool is_forbidden_there(const struct replayer *r, const struct rtask *t,
                               const Reprise__Signal *s)
{
    if (s->at != REPRISE__SIGNAL__AT__FAULT || s->signo != SIGSEGV ||
        (replayer_has(r, MACHINE_CPUID_TRAP) && replayer_has(r, MACHINE_TSC_TRAP)))
        return false;
    enum machine_insn_kind kind = kind_at(t, s->ip);
    return kind != MACHINE_NONE &&
           !replayer_has(r, kind == MACHINE_CPUID ? MACHINE_CPUID_TRAP : MACHINE_TSC_TRAP);
}

/* The instruction that was recorded to trap next, and does not here; 0: there is none. */
static uint64_t place_of(const struct replayer *r, const struct rtask *t, const Reprise__Event *e)
{
    if (e->task != t->serial)
        return 0;
    if (e->body_case == REPRISE__EVENT__BODY_TRAP)
        return !traps_by_itself(r, e->trap) && is_there(t, e->trap) ? e->trap->ip : 0;
    if (e->body_case == REPRISE__EVENT__BODY_SIGNAL)
        return is_forbidden_there(r, t, e->signal) ? e->signal->ip : 0;
    return 0;
}

/* The registers may be those of a debugger that was recorded. And where the task is before the very
 * instruction they would not hit if EFLAGS.RF is set; nothing can read the code there, either. */
static enum code_stop_kind kind_for(struct replayer *r, struct rtask *t, uint64_t addr)
{
    const size_t control = offsetof(struct user, u_debugreg[7]);
    const struct user_regs_struct *regs = rtask_regs(r, t);
    bool is_free = replayer_has(r, MACHINE_BREAKPOINTS) && regs != NULL && regs_ip(regs) != addr &&
                   ptrace(PTRACE_PEEKUSER, t->pid, control, NULL) == 0;
    return is_free ? CODE_STOP_REGISTER : CODE_STOP_INT3;
}

int trap_point_set(struct replayer *r, struct rtask *t, struct trap_point *ret)
{
    uint64_t addr = place_of(r, t, r->at.event);
    *ret = (struct trap_point){0};
    if (addr == 0)
        return 0;
    int err = task_memory_stop_at(r, t->pid, kind_for(r, t, addr), addr, &ret->stop);
    return err < 0
               ? err_sys(r->err, -err, "cannot stop replayed task %u at an instruction", t->serial)
               : 0;
}

#define RESUME_FLAG 0x10000u /* EFLAGS.RF, which the kernel sets at such a stop */

void trap_point_clear(struct replayer *r, struct rtask *t, struct trap_point *point)
{
    const struct code_stop stop = point->stop;
    siginfo_t info;
    if (stop.kind == CODE_STOP_NONE || code_stop_clear(t->pid, &point->stop) < 0 ||
        tracee_get_siginfo(t->pid, &info) < 0 || rtask_regs(r, t) == NULL ||
        !code_stop_is_hit(&stop, &info, &t->regs))
        return;
    regs_set_flags(&t->regs, regs_flags(&t->regs) & ~(uint64_t)RESUME_FLAG);
    t->fault = (siginfo_t){.si_signo = SIGSEGV, .si_code = SI_KERNEL};
    (void)tracee_set_reg(t->pid, REGS_IP, regs_ip(&t->regs));
}

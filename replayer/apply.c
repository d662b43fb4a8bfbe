/* Owns what each kind of event means for the replayed task: run it to the place, check, inject. */
#include "replayer/apply.h"

#include "replayer/arrive.h"
#include "replayer/blob_files.h"
#include "replayer/call_sites.h"
#include "replayer/diverge.h"
#include "replayer/exec_rebuild.h"
#include "replayer/map_ops.h"
#include "replayer/modules.h"
#include "replayer/output.h"
#include "replayer/space_use.h"
#include "replayer/task_memory.h"
#include "replayer/task_run.h"
#include "replayer/tsc_reads.h"
#include "replayer/verify.h"
#include "replayer/xstate_convert.h"
#include "replayer/zygote.h"
#include "task/cpu.h"
#include "task/memory_watch.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DEBUG_REG (offsetof(struct user, u_debugreg) / sizeof(uint64_t))
#define N_DEBUG_ADDRS   4
#define DEBUG_SPAN      8u /* bytes that one of them watches, at most; aligned */

static int write_ranges(struct replayer *r, struct rtask *t, Reprise__Range *const *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int err = call_sites_touch(r, t, v[i]->addr, v[i]->len);
        if (err == 0)
            err = range_write(r, v[i], t->pid, -1, v[i]->addr);
        if (err == -EFAULT && rtask_grow_stack(r, t, v[i]->addr))
            err = range_write(r, v[i], t->pid, -1, v[i]->addr);
        if (err == -EFAULT)
            return diverge(r, t,
                           "the kernel wrote %llu bytes at %#llx when recorded, but there is "
                           "no memory now",
                           (unsigned long long)v[i]->len, (unsigned long long)v[i]->addr);
        if (err < 0)
            return err;
    }
    return 0;
}

/* The registers of the CPU's own breakpoints are set at once; the task will raise by itself what
 * they raise. Where they do not hit it is enough that nobody else sees them. */
static int set_debug_reg(struct replayer *r, const struct rtask *t, const Reprise__RegValue *v)
{
    if (v->index < FIRST_DEBUG_REG + N_DEBUG_ADDRS) {
        int bad = task_memory_check(r, v->value & ~(uint64_t)(DEBUG_SPAN - 1), DEBUG_SPAN);
        if (bad < 0)
            return bad;
    }
    if (!replayer_has(r, MACHINE_BREAKPOINTS) && !replayer_has(r, MACHINE_WATCHPOINTS))
        return 0;
    int err = tracee_set_reg(t->pid, v->index, v->value);
    return err < 0
               ? err_sys(r->err, -err, "cannot set a debug register of replayed task %u", t->serial)
               : 0;
}

static int set_changed_regs(struct replayer *r, struct rtask *t, Reprise__RegValue *const *v,
                            size_t n)
{
    unsigned long long *words = (void *)&t->regs;
    for (size_t i = 0; i < n; i++) {
        if (v[i]->index >= sizeof t->regs / sizeof *words)
            return is_damaged(r, "a register that does not exist");
        words[v[i]->index] = v[i]->value;
    }
    return 0;
}

static int set_all_regs(struct replayer *r, struct rtask *t, const ProtobufCBinaryData *regs)
{
    if (regs->len == 0)
        return 0;
    if (regs->len != sizeof t->regs)
        return is_damaged(r, "registers of a strange size");
    memcpy(&t->regs, regs->data, sizeof t->regs);
    t->regs_known = true;
    return 0;
}

/* ---- calls ---- */

static int bear_child(struct replayer *r, struct rtask *t, const Reprise__Syscall *s)
{
    if (map64_get(&r->unborn, s->child) != NULL)
        return is_damaged(r, "a task made twice");
    int err = budget_add_task(r);
    if (err < 0)
        return err;
    struct unborn *u = calloc(1, sizeof *u);
    if (u == NULL || map64_put(&r->unborn, s->child, u) < 0) {
        free(u);
        return err_sys(r->err, ENOMEM, "cannot replay");
    }
    err = zygote_clone(r, t->pid, s->shares_memory, &u->pid);
    if (err < 0)
        return err_sys(r->err, -err, "cannot make a process for replay");
    u->sites = s->shares_memory ? call_sites_ref(t->sites) : call_sites_copy(t->sites);
    u->use = s->shares_memory ? space_use_ref(t->use) : space_use_copy(t->use);
    if (u->sites == NULL || u->use == NULL)
        return err_sys(r->err, ENOMEM, "cannot replay");
    u->watch = s->shares_memory ? memory_watch_ref(t->watch) : rtask_watch_new(r);
    return 0;
}

static int apply_map_ops(struct replayer *r, struct rtask *t, Reprise__MapOp *const *v, size_t n)
{
    int err = 0;
    for (size_t i = 0; err == 0 && i < n; i++)
        err = map_ops_apply(r, t, v[i]);
    return err;
}

static int finish_call(struct replayer *r, struct rtask *t, const Reprise__Syscall *s)
{
    r->result.syscalls++;
    t->in_call = false;
    int err = apply_map_ops(r, t, s->map, s->n_map);
    if (err == 0)
        err = write_ranges(r, t, s->out, s->n_out);
    if (err == 0)
        err = output_show(r, t, s);
    if (err == 0 && s->xstate.len > 0)
        err = xstate_set(r, t, &s->xstate);
    if (err == 0 && s->n_regs > 0) {
        if (rtask_regs(r, t) == NULL)
            return -ESRCH;
        t->regs.rax = (uint64_t)s->result; /* but sigreturn's rax is among them */
        err = set_changed_regs(r, t, s->regs, s->n_regs);
        return err < 0 ? err : rtask_leave(r, t);
    }
    return err < 0 ? err : rtask_leave_call(r, t, s->result);
}

static int apply_syscall(struct replayer *r, struct rtask *t, const Reprise__Syscall *s)
{
    if (s->phase == REPRISE__SYSCALL__PHASE__EXIT) {
        if (!t->in_call)
            return is_damaged(r, "the exit of a call without its entry");
        return finish_call(r, t, s);
    }
    if (t->in_call)
        return is_damaged(r, "a call within a call");
    int err = rtask_arrive(r, t);
    if (err == 0)
        err = verify_call(r, t, s);
    if (err < 0)
        return err;
    if (s->phase == REPRISE__SYSCALL__PHASE__WHOLE)
        return finish_call(r, t, s);
    t->in_call = true;
    return s->child != 0 ? bear_child(r, t, s) : 0;
}

/* ---- signals and traps ---- */

static int take_signal(struct replayer *r, struct rtask *t, const Reprise__Signal *s)
{
    int err = write_ranges(r, t, s->frame, s->n_frame);
    if (err == 0)
        err = xstate_set(r, t, &s->xstate);
    if (err == 0)
        err = set_all_regs(r, t, &s->regs);
    return err < 0 ? err : rtask_leave(r, t);
}

/* Whether the task can raise this fault by itself. */
static int can_raise(struct replayer *r, const struct rtask *t, const Reprise__Signal *s)
{
    siginfo_t info = {0};
    memcpy(&info, s->siginfo.data, s->siginfo.len < sizeof info ? s->siginfo.len : sizeof info);
    if (s->signo != SIGTRAP || info.si_code != TRAP_HWBKPT ||
        (replayer_has(r, MACHINE_BREAKPOINTS) && replayer_has(r, MACHINE_WATCHPOINTS)))
        return 0;
    return err_set(
        r->err, ENOTSUP,
        "the recorded program was stopped by a breakpoint register of the CPU, set by its "
        "debugger (task %u at %#llx): these registers do not hit on this machine, so that "
        "the trace cannot be replayed further here",
        t->serial, (unsigned long long)s->ip);
}

static int apply_signal(struct replayer *r, struct rtask *t, const Reprise__Signal *s)
{
    int err = 0;
    if (s->at == REPRISE__SIGNAL__AT__FAULT) {
        err = can_raise(r, t, s);
        if (err == 0)
            err = rtask_arrive(r, t);
        if (err == 0)
            err = verify_fault(r, t, s->signo, s->ip);
    } else if (s->at == REPRISE__SIGNAL__AT__ENTRY) {
        err = rtask_arrive(r, t);
        if (err == 0 && (t->arrival != ARRIVED_CALL || t->entry.ip != s->ip))
            err = diverge(r, t, "a syscall at %#llx expected, where signal %u came",
                          (unsigned long long)s->ip, s->signo);
    } else if (s->at == REPRISE__SIGNAL__AT__BOUNDARY && t->arrival != ARRIVED_NOWHERE) {
        err = is_damaged(r, "a signal within a call");
    }
    if (err < 0)
        return err;
    return s->effect == REPRISE__SIGNAL__EFFECT__FATAL ? 0 : take_signal(r, t, s);
}

/* Where no int3 stands in its place, the instruction itself raised the fault: it must be one. */
static int verify_trap(struct replayer *r, struct rtask *t, const Reprise__Trap *trap,
                       size_t *ret_len)
{
    *ret_len = trap->len;
    if (trap->rewritten)
        return verify_fault(r, t, SIGTRAP, trap->ip + 1);
    int err = verify_fault(r, t, SIGSEGV, trap->ip);
    if (err < 0)
        return err;
    uint8_t code[15];
    long n = tracee_read(t->pid, t->regs.rip, code, sizeof code);
    enum cpu_trap kind = n > 0 ? cpu_trap_decode(code, (size_t)n, ret_len) : CPU_TRAP_NONE;
    static const enum cpu_trap wanted[] = {
        [REPRISE__TRAP__KIND__RDTSC] = CPU_TRAP_RDTSC,
        [REPRISE__TRAP__KIND__RDTSCP] = CPU_TRAP_RDTSCP,
        [REPRISE__TRAP__KIND__CPUID] = CPU_TRAP_CPUID,
    };
    if ((size_t)trap->kind >= sizeof wanted / sizeof wanted[0] || kind != wanted[trap->kind])
        return diverge(r, t, "another trapped instruction was recorded here");
    return 0;
}

int apply_tsc_read(struct replayer *r, struct rtask *t, const Reprise__Trap *trap, size_t i,
                   uint64_t tsc)
{
    uint64_t args[1];
    Reprise__Syscall s;
    tsc_reads_as_call(trap, i, tsc, args, &s);
    int err = rtask_arrive(r, t);
    if (err == 0)
        err = verify_call(r, t, &s);
    return err < 0 ? err : rtask_leave_call(r, t, s.result);
}

static int apply_tsc_reads(struct replayer *r, struct rtask *t, const Reprise__Trap *trap)
{
    uint64_t tsc = trap->tsc;
    int err = apply_tsc_read(r, t, trap, 0, tsc);
    for (size_t i = 0; err == 0 && i < trap->n_more; i++)
        err = apply_tsc_read(r, t, trap, i + 1, tsc += trap->more[i]);
    return err;
}

static int apply_trap(struct replayer *r, struct rtask *t, const Reprise__Trap *trap)
{
    if (trap->by_stub)
        return apply_tsc_reads(r, t, trap);
    size_t len = 0;
    int err = rtask_arrive(r, t);
    if (err == 0)
        err = verify_trap(r, t, trap, &len);
    if (err < 0)
        return err;
    bool was_executed = !trap->rewritten || trap->len > 0;
    if (!was_executed) {
        t->regs.rip = trap->ip;
        return rtask_leave(r, t);
    }
    if (trap->kind == REPRISE__TRAP__KIND__CPUID) {
        if ((uint32_t)t->regs.rax != trap->leaf || (uint32_t)t->regs.rcx != trap->subleaf)
            return diverge(r, t, "cpuid leaf %#x/%#x expected, %#x/%#x came", trap->leaf,
                           trap->subleaf, (unsigned)t->regs.rax, (unsigned)t->regs.rcx);
        t->regs.rax = trap->cpuid->eax;
        t->regs.rbx = trap->cpuid->ebx;
        t->regs.rcx = trap->cpuid->ecx;
        t->regs.rdx = trap->cpuid->edx;
    } else if (trap->kind == REPRISE__TRAP__KIND__RDTSC ||
               trap->kind == REPRISE__TRAP__KIND__RDTSCP) {
        t->regs.rax = (uint32_t)trap->tsc;
        t->regs.rdx = trap->tsc >> 32;
        if (trap->kind == REPRISE__TRAP__KIND__RDTSCP)
            t->regs.rcx = trap->aux;
    }
    t->regs.rip = trap->ip + len;
    err = set_changed_regs(r, t, trap->regs, trap->n_regs);
    if (err == 0)
        err = write_ranges(r, t, trap->out, trap->n_out);
    if (err == 0)
        err = xstate_set(r, t, &trap->xstate);
    return err < 0 ? err : rtask_leave(r, t);
}

static int apply_fetch(struct replayer *r, struct rtask *t, const Reprise__Fetch *f)
{
    int err = rtask_arrive(r, t);
    if (err == 0)
        err = verify_fault(r, t, SIGSEGV, f->ip);
    if (err == 0)
        err = apply_map_ops(r, t, f->map, f->n_map);
    if (err == 0)
        err = write_ranges(r, t, f->out, f->n_out);
    return err < 0 ? err : rtask_leave(r, t);
}

static int apply_step(struct replayer *r, struct rtask *t, const Reprise__Step *s)
{
    if (t->arrival != ARRIVED_NOWHERE)
        return is_damaged(r, "a step within a call");
    int err = rtask_step(r, t);
    if (err == 0 && t->regs.rip != s->ip)
        err = diverge(r, t, "a step to %#llx expected, it went to %#llx", (unsigned long long)s->ip,
                      (unsigned long long)t->regs.rip);
    return err;
}

static int apply_preemption(struct replayer *r, struct rtask *t, const Reprise__Preemption *p)
{
    if (t->arrival != ARRIVED_NOWHERE || t->in_call)
        return is_damaged(r, "a preemption within a call");
    return arrive_at_point(r, t, p);
}

/* ---- birth, exec, exit ---- */

static int apply_birth(struct replayer *r, const Reprise__Birth *b)
{
    uint32_t serial = r->at.event->task;
    if (rtask_find(r, serial) != NULL)
        return is_damaged(r, "a task born twice");
    int err = b->parent == 0 ? budget_add_task(r) : 0;
    if (err < 0)
        return err;
    struct rtask *t = rtask_new(r, serial);
    if (t == NULL)
        return err_sys(r->err, ENOMEM, "cannot replay");
    t->recorded_pid = b->pid;
    t->time = r->at.event->time;
    if (b->parent == 0) {
        r->first_pid = b->pid;
        return 0; /* its exec follows */
    }
    struct rtask *parent = rtask_find(r, b->parent);
    struct unborn *u = map64_take(&r->unborn, serial);
    if (u == NULL)
        return is_damaged(r, "a birth without a clone");
    t->pid = u->pid;
    t->sites = u->sites;
    t->watch = u->watch;
    t->use = u->use;
    free(u);
    if (parent != NULL) { /* it may have exited meanwhile */
        t->modules = modules_copy(parent->modules);
        t->stack_low = parent->stack_low;
        memcpy(t->name, parent->name, sizeof t->name);
    }
    err = set_all_regs(r, t, &b->regs);
    if (err == 0)
        err = write_ranges(r, t, b->out, b->n_out);
    return err < 0 ? err : rtask_leave(r, t);
}

/* The tracer may have changed number and arguments. */
static void update_entry(struct rtask *t)
{
    t->entry.ip = t->regs.rip;
    t->entry.sp = t->regs.rsp;
    t->entry.nr = (int64_t)t->regs.orig_rax;
    t->entry.args[0] = t->regs.rdi;
    t->entry.args[1] = t->regs.rsi;
    t->entry.args[2] = t->regs.rdx;
    t->entry.args[3] = t->regs.r10;
    t->entry.args[4] = t->regs.r8;
    t->entry.args[5] = t->regs.r9;
}

static int apply_poke(struct replayer *r, struct rtask *t, const Reprise__Poke *p)
{
    int err = p->at_call ? rtask_arrive(r, t) : 0;
    if (err == 0 && p->at_call && t->arrival != ARRIVED_CALL)
        err = diverge(r, t, "a syscall expected, at which it was changed from outside");
    if (err == 0)
        err = apply_map_ops(r, t, p->map, p->n_map);
    if (err == 0)
        err = write_ranges(r, t, p->out, p->n_out);
    if (err == 0 && p->n_regs > 0 && p->regs[0]->index >= FIRST_DEBUG_REG)
        return set_debug_reg(r, t, p->regs[0]);
    if (err == 0 && p->n_regs > 0) {
        if (rtask_regs(r, t) == NULL)
            return -ESRCH;
        err = set_changed_regs(r, t, p->regs, p->n_regs);
        if (err == 0 && t->arrival == ARRIVED_NOWHERE)
            err = rtask_leave(r, t);
        else if (err == 0 && p->at_call)
            update_entry(t);
    }
    return err < 0 ? err : xstate_set(r, t, &p->xstate);
}

static int apply_exit(struct replayer *r, struct rtask *t, const Reprise__Exit *x)
{
    int err = t->pid != 0 ? write_ranges(r, t, x->out, x->n_out) : 0;
    if (t->serial == 1 && !x->detached)
        r->result.status = x->status;
    if (x->detached && t->recorded_pid == r->first_pid)
        r->first_left = true;
    rtask_free(r, t);
    return err;
}

/* What the kernel wrote for another task, or another process did: not what a debugger does, but for
 * breakpoints, and where those are written no code stays redirected (write_ranges). What is mapped
 * so is the recorder's doing. */
static bool is_of_memory_alone(const Reprise__Poke *p)
{
    return !p->at_call && (p->n_map > 0 || (p->n_out > 0 && p->n_regs == 0)) && p->xstate.len == 0;
}

/* Where somebody looks closely, every instruction has to be the program's own. */
static int lift_redirections(struct replayer *r, struct rtask *t, const Reprise__Event *e)
{
    static const bool keeps[] = {
        [REPRISE__EVENT__BODY_SYSCALL] = true, [REPRISE__EVENT__BODY_SIGNAL] = true,
        [REPRISE__EVENT__BODY_TRAP] = true,    [REPRISE__EVENT__BODY_EXEC] = true,
        [REPRISE__EVENT__BODY_EXIT] = true,    [REPRISE__EVENT__BODY_MERGE] = true,
        [REPRISE__EVENT__BODY_FETCH] = true,
    };
    struct user_regs_struct point;
    if (e->body_case == REPRISE__EVENT__BODY_PREEMPTION &&
        e->preemption->regs.len == sizeof point) {
        memcpy(&point, e->preemption->regs.data, sizeof point);
        return call_sites_lift(r, t, point.rip);
    }
    bool traps = e->body_case == REPRISE__EVENT__BODY_SIGNAL && e->signal->signo == SIGTRAP;
    bool known = (size_t)e->body_case < sizeof keeps / sizeof keeps[0] && keeps[e->body_case];
    if (e->body_case == REPRISE__EVENT__BODY_POKE)
        known = is_of_memory_alone(e->poke);
    return known && !traps ? 0 : call_sites_give_up(r, t);
}

/* Of a task that was born. */
static int apply_to_task(struct replayer *r, struct rtask *t, const Reprise__Event *e)
{
    if (t->pid == 0 && e->body_case != REPRISE__EVENT__BODY_EXEC &&
        e->body_case != REPRISE__EVENT__BODY_EXIT)
        return is_damaged(r, "an event before the first exec");
    int err = lift_redirections(r, t, e);
    if (err < 0)
        return err;
    switch (e->body_case) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return apply_syscall(r, t, e->syscall);
    case REPRISE__EVENT__BODY_SIGNAL:
        return apply_signal(r, t, e->signal);
    case REPRISE__EVENT__BODY_TRAP:
        return apply_trap(r, t, e->trap);
    case REPRISE__EVENT__BODY_EXEC:
        return exec_rebuild(r, t, e->exec);
    case REPRISE__EVENT__BODY_EXIT:
        return apply_exit(r, t, e->exit);
    case REPRISE__EVENT__BODY_POKE:
        return apply_poke(r, t, e->poke);
    case REPRISE__EVENT__BODY_MERGE: /* the order by time holds for all streams */
        return 0;
    case REPRISE__EVENT__BODY_STEP:
        return apply_step(r, t, e->step);
    case REPRISE__EVENT__BODY_PREEMPTION:
        return apply_preemption(r, t, e->preemption);
    case REPRISE__EVENT__BODY_FETCH:
        return apply_fetch(r, t, e->fetch);
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return is_damaged(r, "an event that this version does not know");
}

int apply_event(struct replayer *r)
{
    const Reprise__Event *e = r->at.event;
    if (e->body_case == REPRISE__EVENT__BODY_BIRTH)
        return apply_birth(r, e->birth);
    struct rtask *t = rtask_find(r, e->task);
    if (t == NULL && e->body_case == REPRISE__EVENT__BODY_EXIT) { /* killed before its first step */
        unborn_free(map64_take(&r->unborn, e->task));
        return 0;
    }
    if (t == NULL)
        return is_damaged(r, "an event of a task that was not born");
    bool ends = e->body_case == REPRISE__EVENT__BODY_EXIT;
    int err = apply_to_task(r, t, e);
    if (err == 0 && !ends)
        t->time = e->time;
    return err;
}

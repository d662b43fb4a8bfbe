/* Owns the way out: each task is stopped, gets back what was taken from it, and is let go at the
 * very point where it was. */
#include "recorder/detach.h"

#include "recorder/calls.h"
#include "recorder/emit.h"
#include "recorder/relay.h"
#include "recorder/signals.h"
#include "task/stop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012

/* Brings a running task to a stop. A task that the loop left stopped is stopped already: then
 * PTRACE_GETSIGINFO answers. False: it is gone. */
static bool stop_task(struct task *t, struct stop *ret)
{
    siginfo_t info;
    int err = tracee_get_siginfo(t->tid, &info);
    if (err == 0) { /* stopped by the loop: at a syscall stop, or at an event or signal */
        *ret = (struct stop){.kind = STOP_SYSCALL};
        if (info.si_code != SIGTRAP && info.si_code != (SIGTRAP | 0x80))
            ret->kind = STOP_TRAP;
        return true;
    }
    if (tracee_interrupt(t->tid) < 0)
        return false;
    int status;
    if (tracee_wait(t->tid, &status) < 0)
        return false;
    *ret = stop_decode(status);
    return ret->kind != STOP_EXITED && ret->kind != STOP_KILLED;
}

/* From an entry stop to the place before the syscall instruction. */
static bool leave_entry(struct task *t)
{
    struct user_regs_struct regs;
    int status;
    if (tracee_get_regs(t->tid, &regs) < 0)
        return false;
    struct user_regs_struct back = regs;
    back.rax = regs.orig_rax;
    back.orig_rax = (uint64_t)-1;
    back.rip -= 2;
    if (tracee_set_reg(t->tid, REG_INDEX(orig_rax), (uint64_t)-1) < 0 ||
        tracee_resume(t->tid, TRACEE_SYSCALL, 0) < 0 || tracee_wait(t->tid, &status) < 0 ||
        stop_decode(status).kind != STOP_SYSCALL)
        return false;
    return tracee_set_regs(t->tid, &back) == 0;
}

static void hold(void *ctx, const siginfo_t *info)
{
    signals_hold(ctx, info);
}

static void restore_instructions(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) < 0)
        return;
    /* Any syscall instruction of the task will do: the one it used last, or a borrowed place. */
    uint64_t ip = t->last_syscall_ip;
    uint8_t code[2] = {0}, saved[2];
    bool borrowed = tracee_read_all(t->tid, ip, code, 2) < 0 || code[0] != 0x0f || code[1] != 0x05;
    if (borrowed) {
        static const uint8_t insn[2] = {0x0f, 0x05};
        ip = regs.rip;
        if (tracee_read_all(t->tid, ip, saved, 2) < 0 || tracee_write(t->tid, ip, insn, 2) < 0)
            return;
    }
    struct tracee_syscall call = {.ip = ip, .nr = SYS_prctl, .args = {PR_SET_TSC, PR_TSC_ENABLE},
                                  .on_signal = hold, .ctx = t};
    int64_t result;
    (void)tracee_run_syscall(t->tid, &call, &result);
    if (r->trap_cpuid) {
        call.nr = SYS_arch_prctl;
        call.args[0] = ARCH_SET_CPUID;
        call.args[1] = 1;
        (void)tracee_run_syscall(t->tid, &call, &result);
    }
    if (borrowed)
        tracee_write(t->tid, ip, saved, 2);
}

static void detach_task(struct recorder *r, struct task *t)
{
    struct stop stop;
    int signo = 0;
    if (t->state == TASK_DYING || !stop_task(t, &stop)) {
        (void)tracee_detach(t->tid, 0);
        return;
    }
    if (stop.kind == STOP_SIGNAL)
        signo = stop.signo;
    bool at_entry = stop.kind == STOP_SYSCALL && t->at_entry_stop;
    if (at_entry && !leave_entry(t)) {
        (void)tracee_detach(t->tid, 0);
        return;
    }
    if (stop.kind != STOP_EXIT && stop.kind != STOP_EXEC && stop.kind != STOP_FORK)
        restore_instructions(r, t);
    (void)tracee_detach(t->tid, signo);
    for (struct held_signal *h = t->held; h != NULL; h = h->next)
        if (syscall(SYS_rt_tgsigqueueinfo, t->pid, t->tid, h->info.si_signo, &h->info) < 0)
            kill(t->pid, h->info.si_signo);
}

void detach_all(struct recorder *r)
{
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        if (t->state != TASK_DYING && trace_writer_status(r->writer) == 0) {
            Reprise__Exit x = REPRISE__EXIT__INIT;
            x.detached = true;
            Reprise__Event e = REPRISE__EVENT__INIT;
            e.body_case = REPRISE__EVENT__BODY_EXIT;
            e.exit = &x;
            emit_event(r, t, &e);
        }
        detach_task(r, t);
    }
}

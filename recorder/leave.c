/* Owns how a stopped task gets back what was taken from it, and goes on at the very point where it
 * was. */
#include "recorder/leave.h"

#include "recorder/code_watch.h"
#include "recorder/forced_signals.h"
#include "recorder/scratch.h"
#include "recorder/signal_leave.h"
#include "recorder/signal_state.h"
#include "recorder/stub_leave.h"
#include "recorder/tasks.h"
#include "task/cpu.h"
#include "task/made_calls.h"
#include "task/memory_watch.h"

#include <asm/prctl.h>
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>

/* From an entry stop to the place before the syscall instruction, with the program's own number and
 * arguments. A call that nobody made (the stub's word that it has made one) is not made again. */
static bool leave_entry(struct task *t)
{
    struct call *c = &t->call;
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) < 0)
        return false;
    bool altered = c->active && (c->nullified || c->argument_altered || c->redirect.on);
    struct user_regs_struct back = altered ? c->regs : regs;
    int64_t nr = regs_number(&regs);
    bool elsewhere = c->redirect.on && syscall_traits(nr)->waits_for == WAITS_AGAIN;
    if (c->active && (c->nullified || elsewhere))
        nr = c->call.nr;
    if (nr != -1)
        regs_rewind(&back, nr);
    else
        regs_leave_call(&back);
    c->redirect.on = false;
    int status;
    if (tracee_set_reg(t->tid, REGS_NUMBER, (uint64_t)-1) < 0 ||
        tracee_leave_call(t->tid, &status) < 0 || stop_decode(status).kind != STOP_SYSCALL)
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
    uint64_t ip = t->last_syscall_ip != 0 ? t->last_syscall_ip : regs_call_ip(&regs);
    uint8_t code[2] = {0}, saved[2];
    bool borrowed = tracee_read_all(t->tid, ip, code, 2) < 0 || code[0] != 0x0f || code[1] != 0x05;
    if (borrowed) {
        static const uint8_t insn[2] = {0x0f, 0x05};
        ip = regs_ip(&regs);
        if (tracee_read_all(t->tid, ip, saved, 2) < 0 || tracee_write(t->tid, ip, insn, 2) < 0)
            return;
    }
    struct tracee_syscall call = {.ip = ip,
                                  .quiet = forced_signals_hurt(t, SIGTRAP),
                                  .nr = NR_PRCTL,
                                  .args = {PR_SET_TSC, PR_TSC_ENABLE},
                                  .on_signal = hold,
                                  .ctx = t};
    int64_t result;
    (void)tracee_run_syscall(t->tid, &call, &result);
    if (recorder_has(r, MACHINE_CPUID_TRAP)) {
        call.nr = NR_ARCH_PRCTL;
        call.args[0] = ARCH_SET_CPUID;
        call.args[1] = 1;
        (void)tracee_run_syscall(t->tid, &call, &result);
    }
    if (borrowed)
        tracee_write(t->tid, ip, saved, 2);
}

/* Without a tracer the filter would make each call fail: pass_through.h stays with the task. */
void leave_release(const struct recorder *r, pid_t tid, int signo)
{
    if (r->filters_calls)
        (void)tracee_resume(tid, TRACEE_CONT, signo);
    else
        (void)tracee_detach(tid, signo);
}

/* A call that waits does not write to the program's buffers: they get what it has written. One that
 * the kernel would go on with by itself, and elsewhere, is made again, and so is one that only the
 * end of the recording has interrupted (signal(7), "Interruption of system calls ... by stop
 * signals"). */
static void give_back_call(struct task *t, int signo)
{
    struct call *c = &t->call;
    struct user_regs_struct regs;
    if ((!c->active && !c->redirect.on) || tracee_get_regs(t->tid, &regs) < 0)
        return;
    bool goes_on = c->redirect.on && regs_result(&regs) == -516; /* ERESTART_RESTARTBLOCK */
    bool is_cut = c->active && regs_result(&regs) == -EINTR;
    bool is_over = signo != 0 ? signals_have_handler(t, signo) : is_cut && signals_are_pending(t);
    if (goes_on)
        regs_set_result(&regs, -EINTR);
    c->call.result = regs_result(&regs);
    scratch_finish(t, &regs);
    if ((!goes_on && !is_cut) || is_over)
        return;
    regs_rewind(&regs, c->call.nr);
    (void)tracee_set_regs(t->tid, &regs);
}

void leave_with(struct recorder *r, struct task *t, int signo)
{
    if (t->space != NULL)
        memory_watch_stop(t->space->watch);
    give_back_call(t, signo);
    if (t->space != NULL)
        stub_leave_for_good(r, t);
    if (t->space != NULL)
        code_watch_leave(t);
    signo = signal_leave_take(t, signo);
    restore_instructions(r, t);
    signal_leave_held(t);
    const cpu_set_t *affinity = task_affinity(r, t);
    (void)sched_setaffinity(t->tid, sizeof *affinity, affinity);
    if (t->in_group_stop) /* which it shall come to again */
        (void)tracee_interrupt(t->tid);
    leave_release(r, t->tid, signo);
}

/* The trapped instruction is executed again, and works. */
static bool is_our_trap(struct task *t, int signo)
{
    siginfo_t info;
    struct user_regs_struct regs;
    uint8_t code[15];
    size_t len;
    if (tracee_get_siginfo(t->tid, &info) == 0 && code_watch_step_back(t, &info))
        return true;
    if (signo == SIGTRAP) /* the end of a call that we made it run */
        return tracee_get_siginfo(t->tid, &info) == 0 &&
               (info.si_code == TRAP_BRKPT || info.si_code == TRAP_TRACE);
    if (signo != SIGSEGV || tracee_get_regs(t->tid, &regs) < 0)
        return false;
    long n = tracee_read(t->tid, regs_ip(&regs), code, sizeof code);
    return n > 0 && cpu_trap_decode(code, (size_t)n, &len) != CPU_TRAP_NONE;
}

/* What is to be delivered of the signal that the task is stopped at. */
static int signal_of(struct task *t, const struct stop *stop)
{
    if (t->todo.was_to_be_resumed) /* the loop has dealt with the stop ... */
        return t->todo.signo;
    if (t->due == DUE_RESUME) /* ... but for the token */
        return 0;
    return stop->kind == STOP_SIGNAL && !is_our_trap(t, stop->signo) ? stop->signo : 0;
}

/* The task is at a stop where it can be let go. */
void leave_at(struct recorder *r, struct task *t, const struct stop *stop)
{
    struct tracee_entry entry;
    bool at_entry = (stop->kind == STOP_SYSCALL || stop->kind == STOP_SECCOMP) &&
                    tracee_get_entry(t->tid, &entry) == 0;
    bool dies = t->state == TASK_DYING || stop->kind == STOP_EXIT || (at_entry && !leave_entry(t));
    task_set_state(r, t, TASK_LEFT);
    if (!at_entry && t->call.answered)
        (void)tracee_set_reg(t->tid, REGS_RESULT, (uint64_t)t->call.answer);
    if (dies)
        leave_release(r, t->tid, 0);
    else
        leave_with(r, t, signal_of(t, stop));
}

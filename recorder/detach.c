/* Owns the way out: each task is stopped, gets back what was taken from it, and is let go at the
 * very point where it was. */
#include "recorder/detach.h"

#include "recorder/answers.h"
#include "recorder/emit.h"
#include "recorder/pass_through.h"
#include "recorder/scratch.h"
#include "recorder/signals.h"
#include "recorder/stub_leave.h"
#include "recorder/tasks.h"
#include "task/cpu.h"
#include "task/memory_watch.h"
#include "task/stop.h"

#include <asm/prctl.h>
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The stop that a task is in already, by the siginfo that ptrace made for it (kernel/signal.c,
 * ptrace_do_notify: the code is the exit code). False: it runs. */
static bool current_stop(const struct task *t, struct stop *ret)
{
    siginfo_t info;
    if (tracee_get_siginfo(t->tid, &info) < 0)
        return false;
    int code = info.si_code;
    bool by_ptrace = info.si_signo == SIGTRAP && code > 0 && (code & 0x7f) == SIGTRAP;
    *ret = by_ptrace ? stop_decode(code << 8 | 0x7f)
                     : (struct stop){.kind = STOP_SIGNAL, .signo = info.si_signo};
    if (code == SIGTRAP) /* a handler's frame has just been built: no signal */
        ret->kind = STOP_TRAP;
    return true;
}

static bool next_stop(const struct task *t, struct stop *ret)
{
    int status;
    if (tracee_wait(t->tid, &status) < 0)
        return false;
    *ret = stop_decode(status);
    return true;
}

/* The same, while those that were let go already go on: the task may be waiting for one. */
static bool next_stop_passing(struct recorder *r, const struct task *t, struct stop *ret)
{
    for (;;) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0 && errno == EINTR)
            continue;
        if (tid < 0)
            return false;
        *ret = stop_decode(status);
        if (tid == t->tid)
            return true;
        const struct task *other = task_find(r, tid);
        if (other == NULL || other->let_go)
            pass_on(r, tid, status);
    }
}

/* From an entry stop to the place before the syscall instruction. */
static bool leave_entry(struct task *t)
{
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) < 0)
        return false;
    struct user_regs_struct back = regs;
    back.rax = regs.orig_rax;
    back.orig_rax = (uint64_t)-1;
    back.rip -= 2;
    int status;
    if (tracee_set_reg(t->tid, REG_INDEX(orig_rax), (uint64_t)-1) < 0 ||
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
    uint64_t ip = t->last_syscall_ip;
    uint8_t code[2] = {0}, saved[2];
    bool borrowed = tracee_read_all(t->tid, ip, code, 2) < 0 || code[0] != 0x0f || code[1] != 0x05;
    if (borrowed) {
        static const uint8_t insn[2] = {0x0f, 0x05};
        ip = regs.rip;
        if (tracee_read_all(t->tid, ip, saved, 2) < 0 || tracee_write(t->tid, ip, insn, 2) < 0)
            return;
    }
    struct tracee_syscall call = {.ip = ip,
                                  .nr = SYS_prctl,
                                  .args = {PR_SET_TSC, PR_TSC_ENABLE},
                                  .on_signal = hold,
                                  .ctx = t};
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

/* Without a tracer the filter would make each call fail: pass_through.h stays with the task. */
static void release(const struct recorder *r, pid_t tid, int signo)
{
    if (r->filters_calls)
        (void)tracee_resume(tid, TRACEE_CONT, signo);
    else
        (void)tracee_detach(tid, signo);
}

/* A call that waits does not write to the program's buffers: they get what it has written, and one
 * that the kernel would go on with by itself, elsewhere, is interrupted instead. */
static void give_back_buffers(struct task *t)
{
    struct user_regs_struct regs;
    if (!t->call.redirect.on || tracee_get_regs(t->tid, &regs) < 0)
        return;
    if ((int64_t)regs.rax == -516) /* ERESTART_RESTARTBLOCK */
        regs.rax = (uint64_t)-EINTR;
    t->call.call.result = (int64_t)regs.rax;
    scratch_finish(t, &regs);
}

static void let_go(struct recorder *r, struct task *t, int signo)
{
    t->let_go = true;
    if (t->space != NULL)
        memory_watch_stop(t->space->watch);
    give_back_buffers(t);
    if (t->space != NULL)
        stub_leave_for_good(r, t);
    restore_instructions(r, t);
    const cpu_set_t *affinity = answers_affinity_of(r, t);
    (void)sched_setaffinity(t->tid, sizeof *affinity, affinity);
    release(r, t->tid, signo);
    for (struct held_signal *h = t->held; h != NULL; h = h->next)
        if (syscall(SYS_rt_tgsigqueueinfo, t->pid, t->tid, h->info.si_signo, &h->info) < 0)
            kill(t->pid, h->info.si_signo);
}

/* A child that was born while its parent was on the way out. */
static void detach_child(struct recorder *r, struct task *parent)
{
    unsigned long tid;
    int status;
    if (tracee_event_message(parent->tid, &tid) < 0 || task_find(r, (pid_t)tid) != NULL ||
        tracee_wait((pid_t)tid, &status) < 0 || !WIFSTOPPED(status))
        return;
    struct task child = {.tid = (pid_t)tid, .pid = (pid_t)tid};
    let_go(r, &child, 0);
}

/* The trapped instruction is executed again, and works. */
static bool is_our_trap(struct task *t, int signo)
{
    siginfo_t info;
    struct user_regs_struct regs;
    uint8_t code[15];
    size_t len;
    if (signo == SIGTRAP) /* the end of a call that we made it run */
        return tracee_get_siginfo(t->tid, &info) == 0 &&
               (info.si_code == TRAP_BRKPT || info.si_code == TRAP_TRACE);
    if (signo != SIGSEGV || tracee_get_regs(t->tid, &regs) < 0)
        return false;
    long n = tracee_read(t->tid, regs.rip, code, sizeof code);
    return n > 0 && cpu_trap_decode(code, (size_t)n, &len) != CPU_TRAP_NONE;
}

static void detach_task(struct recorder *r, struct task *t)
{
    struct stop stop;
    if (!current_stop(t, &stop) && (tracee_interrupt(t->tid) < 0 || !next_stop(t, &stop)))
        return;
    while (stop.kind == STOP_FORK || stop.kind == STOP_EXEC) {
        if (stop.kind == STOP_FORK)
            detach_child(r, t);
        else
            t->last_syscall_ip = 0;
        if (tracee_resume(t->tid, TRACEE_SYSCALL, 0) < 0)
            return;
        /* a vfork returns when its child is gone: it has a stop of its own then */
        if (!next_stop_passing(r, t, &stop))
            return;
    }
    if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)
        return;
    struct tracee_entry entry;
    bool at_entry = (stop.kind == STOP_SYSCALL || stop.kind == STOP_SECCOMP) &&
                    tracee_get_entry(t->tid, &entry) == 0;
    if (t->state == TASK_DYING || stop.kind == STOP_EXIT || (at_entry && !leave_entry(t)))
        release(r, t->tid, 0);
    else if (t->resume_decided) /* the loop has dealt with the stop */
        let_go(r, t, t->resume_signo);
    else
        let_go(r, t, stop.kind == STOP_SIGNAL && !is_our_trap(t, stop.signo) ? stop.signo : 0);
}

void detach_stray(struct recorder *r, pid_t tid)
{
    struct task stray = {.tid = tid, .pid = tid};
    recorder_warn(r, "process %d was born as its parent was killed: it goes on unrecorded",
                  (int)tid);
    let_go(r, &stray, 0);
}

static void log_detached(struct recorder *r, struct task *t)
{
    if (t->state == TASK_DYING || trace_writer_status(r->writer) != 0)
        return;
    Reprise__Exit x = REPRISE__EXIT__INIT;
    x.detached = true;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_EXIT;
    e.exit = &x;
    emit_event(r, t, &e);
}

static bool waits_for_vfork(const struct task *t)
{
    return t->state == TASK_IN_CALL && t->call.child != 0 && (t->clone_flags & CLONE_VFORK) != 0;
}

void detach_all(struct recorder *r)
{
    /* A vfork ends when its child execs or exits: first the children, then those who wait. */
    for (int waiting = 0; waiting <= 1; waiting++) {
        size_t pos = 0;
        for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
            if (waits_for_vfork(t) != (waiting == 1))
                continue;
            log_detached(r, t);
            detach_task(r, t);
        }
    }
}

/* Owns the way out: each task is stopped, gets back what was taken from it, and is let go at the
 * very point where it was. They are not waited for in turn: one may be asleep until another has
 * gone on (vfork, or exec by a thread, which waits for the end of the others). */
#include "recorder/detach.h"

#include "base/no_memory.h"
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
    int64_t nr = c->active && c->nullified ? c->call.nr : (int64_t)regs.orig_rax;
    if (nr != -1) {
        back.rax = (uint64_t)nr;
        back.rip -= 2;
    }
    back.orig_rax = (uint64_t)-1;
    c->redirect.on = false;
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
    uint64_t ip = t->last_syscall_ip != 0 ? t->last_syscall_ip : regs.rip - 2;
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
    if (t->space != NULL)
        memory_watch_stop(t->space->watch);
    give_back_buffers(t);
    if (t->space != NULL)
        stub_leave_for_good(r, t);
    restore_instructions(r, t);
    const cpu_set_t *affinity = answers_affinity_of(r, t);
    (void)sched_setaffinity(t->tid, sizeof *affinity, affinity);
    if (t->in_group_stop) /* which it shall come to again */
        (void)tracee_interrupt(t->tid);
    release(r, t->tid, signo);
    for (struct held_signal *h = t->held; h != NULL; h = h->next)
        if (syscall(SYS_rt_tgsigqueueinfo, t->pid, t->tid, h->info.si_signo, &h->info) < 0)
            kill(t->pid, h->info.si_signo);
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

/* What is to be delivered of the signal that the task is stopped at. */
static int signal_of(struct task *t, const struct stop *stop)
{
    if (t->resume_decided) /* the loop has dealt with the stop ... */
        return t->resume_signo;
    if (t->due == DUE_RESUME) /* ... but for the token */
        return 0;
    return stop->kind == STOP_SIGNAL && !is_our_trap(t, stop->signo) ? stop->signo : 0;
}

/* The task is at a stop where it can be let go. */
static void leave_at(struct recorder *r, struct task *t, const struct stop *stop)
{
    struct tracee_entry entry;
    bool at_entry = (stop->kind == STOP_SYSCALL || stop->kind == STOP_SECCOMP) &&
                    tracee_get_entry(t->tid, &entry) == 0;
    bool dies = t->state == TASK_DYING || stop->kind == STOP_EXIT || (at_entry && !leave_entry(t));
    t->let_go = true;
    if (!at_entry && t->call.answered)
        (void)tracee_set_reg(t->tid, REG_INDEX(rax), (uint64_t)t->call.answer);
    if (dies)
        release(r, t->tid, 0);
    else
        let_go(r, t, signal_of(t, stop));
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

/* Children that were born on the way out, by tid: no struct task stands for them. */
enum stray { STRAY_EXPECTED = 1, STRAY_LET_GO };

struct detaching {
    struct recorder *r;
    struct map64 strays;
    size_t n_awaited; /* tasks that are, strays that are expected */
};

static void await(struct detaching *d, struct task *t, bool awaited)
{
    d->n_awaited += (size_t)awaited - (size_t)t->awaited;
    t->awaited = awaited;
}

static enum stray stray_of(const struct detaching *d, pid_t tid)
{
    return (enum stray)(uintptr_t)map64_get(&d->strays, (uint64_t)tid);
}

static void set_stray(struct detaching *d, pid_t tid, enum stray stray)
{
    if (map64_put(&d->strays, (uint64_t)tid, (void *)(uintptr_t)stray) < 0)
        no_memory();
}

static void stray_at_stop(struct detaching *d, pid_t tid, int status)
{
    d->n_awaited -= stray_of(d, tid) == STRAY_EXPECTED;
    set_stray(d, tid, STRAY_LET_GO);
    struct task child = {.tid = tid, .pid = tid};
    if (WIFSTOPPED(status))
        let_go(d->r, &child, 0);
}

static void expect_child(struct detaching *d, const struct task *parent)
{
    unsigned long tid;
    if (tracee_event_message(parent->tid, &tid) < 0 || task_find(d->r, (pid_t)tid) != NULL ||
        stray_of(d, (pid_t)tid) != 0)
        return;
    set_stray(d, (pid_t)tid, STRAY_EXPECTED);
    d->n_awaited++;
}

/* Who execs has the leader's tid from here on: ptrace(2), "execve(2) under ptrace". Of the old
 * memory nothing is left to give back. */
static struct task *after_exec(struct detaching *d, struct task *leader)
{
    unsigned long former;
    struct task *t = NULL;
    if (tracee_event_message(leader->tid, &former) == 0 && (pid_t)former != leader->tid)
        t = task_find(d->r, (pid_t)former);
    if (t != NULL) {
        await(d, leader, false);
        leader->let_go = true;
        task_swap_tids(d->r, leader, t);
    } else {
        t = leader;
    }
    space_unref(t->space);
    t->space = NULL;
    t->call.redirect.on = false;
    t->last_syscall_ip = 0;
    return t;
}

static void take_stop(struct detaching *d, struct task *t, const struct stop *stop)
{
    if (stop->kind == STOP_EXEC)
        t = after_exec(d, t);
    if (stop->kind == STOP_FORK)
        expect_child(d, t);
    bool midway = stop->kind == STOP_EXEC || stop->kind == STOP_FORK;
    if (midway && !t->let_go) {
        t->resume_decided = false;
        await(d, t, tracee_resume(t->tid, TRACEE_SYSCALL, 0) == 0);
    } else if (midway) {
        release(d->r, t->tid, 0);
    } else {
        t->in_group_stop = stop->kind == STOP_GROUP;
        await(d, t, false);
        leave_at(d->r, t, stop);
    }
}

static void at_stop(struct detaching *d, pid_t tid, int status)
{
    struct task *t = task_find(d->r, tid);
    struct stop stop = stop_decode(status);
    if (t != NULL && WIFSTOPPED(status) && (!t->let_go || stop.kind == STOP_EXEC)) {
        take_stop(d, t, &stop);
    } else if (t == NULL && stray_of(d, tid) != STRAY_LET_GO) {
        stray_at_stop(d, tid, status);
    } else {
        if (t != NULL)
            await(d, t, false);
        pass_on(d->r, tid, status);
    }
}

void detach_all(struct recorder *r)
{
    struct detaching d = {.r = r};
    size_t pos = 0;
    for (struct map64_slot *s; (s = map64_next_slot(&r->early, &pos)) != NULL;)
        if (task_find(r, (pid_t)s->key) == NULL)
            stray_at_stop(&d, (pid_t)s->key, (int)((uintptr_t)s->value - 1));
    pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        struct stop stop;
        if (t->let_go)
            continue;
        log_detached(r, t);
        if (current_stop(t, &stop))
            take_stop(&d, t, &stop);
        else /* -ESRCH: it is dead, or has another tid by exec, which will tell */
            await(&d, t, tracee_interrupt(t->tid) == 0);
    }
    while (d.n_awaited > 0) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid > 0)
            at_stop(&d, tid, status);
        else if (errno != EINTR)
            break; /* nobody is left */
    }
    map64_done(&d.strays);
}

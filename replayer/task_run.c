/* Owns the running of one replayed task between two events. */
#include "replayer/task_run.h"

#include "replayer/batch.h"
#include "replayer/call_sites.h"
#include "replayer/diverge.h"
#include "replayer/modules.h"
#include "replayer/patience.h"
#include "replayer/regs_check.h"
#include "replayer/space_use.h"
#include "replayer/trap_point.h"
#include "replayer/zygote.h"
#include "task/memory_watch.h"
#include "task/stop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* How far below its end an access makes the stack grow. The recorded limit decided when it was
 * recorded; a fault that was recorded is never taken for growth. */
#define STACK_REACH (1ull << 30)

#define PAGE 4096ull

struct rtask *rtask_find(const struct replayer *r, uint32_t serial)
{
    return map64_get(&r->tasks, serial);
}

struct rtask *rtask_new(struct replayer *r, uint32_t serial)
{
    struct rtask *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->serial = serial;
    if (map64_put(&r->tasks, serial, t) < 0) {
        free(t);
        return NULL;
    }
    r->result.tasks++;
    return t;
}

struct memory_watch *rtask_watch_new(const struct replayer *r)
{
    return memory_watch_new(replayer_has(r, MACHINE_USERFAULTFD) &&
                            replayer_has(r, MACHINE_PIDFD_GETFD) &&
                            replayer_has(r, MACHINE_PAGEMAP_SCAN));
}

void unborn_free(struct unborn *u)
{
    if (u == NULL)
        return;
    zygote_kill(u->pid);
    call_sites_unref(u->sites);
    memory_watch_unref(u->watch);
    space_use_unref(u->use);
    free(u);
}

void rtask_end_process(struct replayer *r, const struct rtask *t)
{
    if (t->pid > 0 && space_use_shares(t->use)) /* what it alone had touched may stay */
        memory_use_hide(r, t->pid, 0, TASK_TOP);
    zygote_kill(t->pid);
}

void rtask_free(struct replayer *r, struct rtask *t)
{
    if (t == NULL)
        return;
    map64_take(&r->tasks, t->serial);
    rtask_end_process(r, t);
    modules_unref(t->modules);
    call_sites_unref(t->sites);
    memory_watch_unref(t->watch);
    space_use_unref(t->use);
    buf_done(&t->handed_bytes);
    free(t->handed);
    free(t);
}

/* It is reaped: its number may be another process's by now. */
static void forget_process(struct replayer *r, pid_t pid)
{
    struct rtask *t;
    struct unborn *u;
    for (size_t pos = 0; (t = map64_next(&r->tasks, &pos)) != NULL;)
        t->pid = t->pid == pid ? 0 : t->pid;
    for (size_t pos = 0; (u = map64_next(&r->unborn, &pos)) != NULL;)
        u->pid = u->pid == pid ? 0 : u->pid;
    r->zygote = r->zygote == pid ? 0 : r->zygote;
}

int task_has_ended(struct replayer *r, pid_t pid, struct stop stop)
{
    const char *how = stop.kind == STOP_KILLED && stop.signo == SIGSYS
                          ? "was about to make a system call that its sandbox forbids"
                          : "was killed from outside";
    forget_process(r, pid);
    r->is_broken = true;
    return err_set(r->err, ECHILD, "event %llu of stream %u: a replayed task %s",
                   (unsigned long long)r->at.number, r->at.stream, how);
}

static bool is_fault(int signo)
{
    return signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL ||
           signo == SIGTRAP;
}

/* Whether the event at hand is this very fault. */
static bool is_expected(const struct replayer *r, const struct rtask *t)
{
    const Reprise__Event *e = r->at.event;
    if (e->task != t->serial || e->body_case != REPRISE__EVENT__BODY_SIGNAL ||
        e->signal->at != REPRISE__SIGNAL__AT__FAULT || e->signal->ip != t->regs.rip)
        return false;
    siginfo_t recorded = {0};
    size_t len = e->signal->siginfo.len;
    memcpy(&recorded, e->signal->siginfo.data, len < sizeof recorded ? len : sizeof recorded);
    return recorded.si_addr == t->fault.si_addr;
}

/* Maps what is free of it: another task of the same memory may have grown it, or mapped something
 * into the way. As a whole, if it can be; else by halves, down to pages. */
static bool map_stack(struct replayer *r, const struct rtask *t, uint64_t start, uint64_t end)
{
    int64_t got = zygote_call(r, t->pid, SYS_mmap, start, end - start, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
                              (uint64_t)-1, 0);
    if (got != -EEXIST)
        return got >= 0;
    if (end - start == PAGE)
        return true;
    uint64_t middle = (start + (end - start) / 2) & ~(PAGE - 1);
    return map_stack(r, t, middle, end) && map_stack(r, t, start, middle);
}

bool rtask_grow_stack(struct replayer *r, struct rtask *t, uint64_t addr)
{
    uint64_t page = addr & ~(PAGE - 1);
    if (page >= t->stack_low || t->stack_low - page > STACK_REACH)
        return false;
    if (!map_stack(r, t, page, t->stack_low))
        return false;
    t->stack_low = page;
    return true;
}

/* At the stop before the kernel carries out a call into the vsyscall page: all registers are
 * looked at, so that leaving sets the number to -1 and the kernel only returns to the caller. */
static int entry_of_vsyscall(struct replayer *r, struct rtask *t)
{
    const struct user_regs_struct *regs = rtask_regs(r, t);
    if (regs == NULL)
        return -ESRCH;
    t->entry = (struct tracee_entry){
        .ip = regs->rip,
        .sp = regs->rsp,
        .nr = (int32_t)regs->orig_rax,
        .args = {regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9}};
    return 0;
}

/* The entry of a call that came by the fast stub is that of the program's own instruction. */
static int entry_of_call(struct replayer *r, struct rtask *t)
{
    int err = tracee_get_entry(t->pid, &t->entry);
    if (err < 0 || t->entry.ip != fast_stub_at(fast_stub_slow))
        return err;
    t->entry.ip = batch_slow_ip(r);
    t->in_stub = true;
    return 0;
}

/* A fault while the stub answers a call, on memory that the kernel could write and the task cannot:
 * that call is made for real. */
static bool bail_out(struct rtask *t)
{
    uint64_t ip = t->regs.rip;
    bool answers = ip >= fast_stub_at(__start_fast_stub) && ip < fast_stub_at(__stop_fast_stub) &&
                   (ip < fast_stub_at(fast_stub_bail) || ip > fast_stub_at(fast_stub_slow));
    return answers && tracee_set_reg(t->pid, REG_INDEX(rip), fast_stub_at(fast_stub_bail)) == 0;
}

/* What a stop means. 1: it has arrived; 0: it goes on; or -errno. */
static int look_at_stop(struct replayer *r, struct rtask *t, struct stop stop,
                        struct trap_point *point)
{
    int err = 0;
    if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)
        return task_has_ended(r, t->pid, stop);
    bool vsyscall = stop.kind == STOP_SECCOMP;
    bool arrived =
        stop.kind == STOP_SYSCALL || vsyscall || (stop.kind == STOP_SIGNAL && is_fault(stop.signo));
    if (!arrived)
        return 0; /* a signal of the outside world: not for the replayed task */
    t->regs_known = false;
    if (stop.kind == STOP_SYSCALL)
        err = entry_of_call(r, t);
    else if (vsyscall)
        err = entry_of_vsyscall(r, t);
    else if (rtask_regs(r, t) != NULL)
        err = tracee_get_siginfo(t->pid, &t->fault);
    if (err < 0)
        return err_sys(r->err, -err, "cannot look at replayed task %u", t->serial);
    if (stop.kind == STOP_SIGNAL && t->fault.si_code <= 0)
        return 0;
    if (stop.kind == STOP_SIGNAL && stop.signo == SIGSEGV && t->fault.si_code == SEGV_MAPERR &&
        !is_expected(r, t) && rtask_grow_stack(r, t, (uint64_t)t->fault.si_addr))
        return 0;
    if (stop.kind == STOP_SIGNAL && bail_out(t))
        return 0;
    trap_point_clear(r, t, point);
    t->arrival = stop.kind == STOP_SIGNAL ? ARRIVED_FAULT : ARRIVED_CALL;
    return 1;
}

/* It may never come to the event. */
static int lose_patience(struct replayer *r, struct rtask *t, const struct patience *patience)
{
    t->regs_known = false;
    if (rtask_regs(r, t) == NULL)
        return -ESRCH;
    return diverge(r, t,
                   "it computed for %llu s of processor time without coming to its next event, "
                   "which came after %.3f s when recorded (replay --patience=SECONDS waits longer)",
                   (unsigned long long)patience_used_s(patience),
                   (double)patience->recorded_ns / 1e9);
}

int rtask_arrive(struct replayer *r, struct rtask *t)
{
    if (t->arrival != ARRIVED_NOWHERE)
        return 0;
    if (t->pid == 0)
        return err_set(r->err, EBADMSG, "damaged trace: task %u has an event before its first exec",
                       t->serial);
    struct trap_point point;
    struct patience patience;
    patience_begin(r, t, &patience);
    int arrived = trap_point_set(r, t, &point);
    while (arrived == 0) {
        int status;
        int err = budget_look(r);
        if (err == 0)
            err = tracee_resume(t->pid, TRACEE_SYSEMU, 0);
        if (err == 0)
            err = patience_wait(&patience, false, &status);
        if (err == -ETIME)
            return lose_patience(r, t, &patience);
        if (err < 0)
            return err_sys(r->err, -err, "cannot run replayed task %u", t->serial);
        arrived = look_at_stop(r, t, stop_decode(status), &point);
    }
    return arrived < 0 ? arrived : 0;
}

/* Whether the step from that instruction is done. */
static int look_at_step(struct replayer *r, struct rtask *t, struct stop stop, uint64_t from,
                        bool *ret_done)
{
    *ret_done = false;
    if (stop.kind == STOP_SYSCALL || stop.kind == STOP_SECCOMP) {
        t->regs_known = false;
        if (rtask_regs(r, t) == NULL)
            return -ESRCH;
        return diverge(r, t, "a single step expected, but system call %lld came",
                       (long long)t->regs.orig_rax);
    }
    if (stop.kind != STOP_SIGNAL || !is_fault(stop.signo))
        return 0;
    int err = tracee_get_siginfo(t->pid, &t->fault);
    if (err < 0)
        return err_sys(r->err, -err, "cannot look at replayed task %u", t->serial);
    t->regs_known = false;
    if (t->fault.si_code <= 0 || rtask_regs(r, t) == NULL)
        return 0;
    if (stop.signo == SIGTRAP) {
        *ret_done = stop_ends_step(t->fault.si_code, from, t->regs.rip);
        if (*ret_done || t->fault.si_code == TRAP_BRKPT)
            return 0;
    } else if (stop.signo == SIGSEGV && t->fault.si_code == SEGV_MAPERR &&
               rtask_grow_stack(r, t, (uint64_t)t->fault.si_addr)) {
        return 0;
    }
    return diverge(r, t, "a single step expected, but signal %d came", stop.signo);
}

int rtask_step(struct replayer *r, struct rtask *t)
{
    const struct user_regs_struct *regs = rtask_regs(r, t);
    if (regs == NULL)
        return -ESRCH;
    uint64_t from = regs->rip;
    for (bool done = false; !done;) {
        int status;
        int err = tracee_resume(t->pid, TRACEE_SYSEMU_STEP, 0);
        if (err == 0)
            err = tracee_wait(t->pid, &status);
        if (err < 0)
            return err_sys(r->err, -err, "cannot step replayed task %u", t->serial);
        struct stop stop = stop_decode(status);
        if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)
            return task_has_ended(r, t->pid, stop);
        err = look_at_step(r, t, stop, from, &done);
        if (err < 0)
            return err;
    }
    return 0;
}

struct user_regs_struct *rtask_regs(struct replayer *r, struct rtask *t)
{
    int err = t->regs_known ? 0 : tracee_get_regs(t->pid, &t->regs);
    if (err < 0) {
        err_sys(r->err, -err, "cannot read the registers of replayed task %u", t->serial);
        return NULL;
    }
    if (!t->regs_known && t->in_stub)
        t->regs.rip = t->regs.rcx = t->entry.ip;
    t->regs_known = true;
    return &t->regs;
}

int rtask_leave_call(struct replayer *r, struct rtask *t, int64_t result)
{
    bool restarts = result <= -512 && result >= -516;
    if (t->regs_known || restarts || t->in_stub) {
        if (rtask_regs(r, t) == NULL)
            return -ESRCH;
        t->regs.rax = (uint64_t)result;
        return rtask_leave(r, t);
    }
    int err = tracee_set_reg(t->pid, REG_INDEX(rax), (uint64_t)result);
    if (err < 0)
        return err_sys(r->err, -err, "cannot set the result in replayed task %u", t->serial);
    t->arrival = ARRIVED_NOWHERE;
    t->regs_known = false;
    return 0;
}

int rtask_leave(struct replayer *r, struct rtask *t)
{
    if (rtask_regs(r, t) == NULL)
        return -ESRCH;
    int err = regs_check(r, &t->regs);
    if (err < 0)
        return err;
    t->regs.orig_rax = (uint64_t)-1; /* the kernel shall restart nothing */
    err = tracee_set_regs(t->pid, &t->regs);
    if (err < 0)
        return err_sys(r->err, -err, "cannot set the registers of replayed task %u", t->serial);
    t->arrival = ARRIVED_NOWHERE;
    t->in_stub = false;
    t->regs_known = false;
    return 0;
}

/* Owns the life of a call from entry stop to exit stop and the event it makes. What single calls
 * need beyond the table is told by answers.h and calls_memory.h. */
#include "recorder/calls.h"

#include "recorder/agenda.h"
#include "recorder/answers.h"
#include "recorder/call_entry.h"
#include "recorder/call_facts.h"
#include "recorder/calls_memory.h"
#include "recorder/clock_reads.h"
#include "recorder/code_patches.h"
#include "recorder/code_watch.h"
#include "recorder/cpu_reads.h"
#include "recorder/early_writes.h"
#include "recorder/emit.h"
#include "recorder/exec_image.h"
#include "recorder/exit_writes.h"
#include "recorder/fd_class.h"
#include "recorder/forced_signals.h"
#include "recorder/foreign_memory.h"
#include "recorder/foreign_reads.h"
#include "recorder/group.h"
#include "recorder/handed.h"
#include "recorder/output_turn.h"
#include "recorder/own_filters.h"
#include "recorder/ptrace_wait.h"
#include "recorder/scratch.h"
#include "recorder/signal_state.h"
#include "recorder/signals.h"
#include "recorder/snapshot.h"
#include "recorder/stub_calls.h"
#include "recorder/stub_leave.h"
#include "recorder/vsyscalls.h"
#include "task/memory_watch.h"
#include "task/vsyscall.h"

#include <assert.h>
#include <errno.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- entry ---- */

/* `int 0x80` reaches the table of 32-bit calls from 64-bit code, too. The syscall instruction
 * leaves the return address in rcx; where it is not there, the code tells. */
static bool is_int80(const struct task *t, const struct user_regs_struct *regs)
{
    uint8_t code[2];
    return regs->rcx != regs->rip && tracee_read_all(t->tid, regs->rip - 2, code, 2) == 0 &&
           code[0] == 0xcd && code[1] == 0x80;
}

static void take_int80_args(struct call *c)
{
    const struct user_regs_struct *regs = &c->regs;
    const uint64_t args[] = {regs->rbx, regs->rcx, regs->rdx, regs->rsi, regs->rdi, regs->rbp};
    c->call.nr = (int32_t)regs->orig_rax;
    for (size_t i = 0; i < SYSCALL_MAX_ARGS; i++)
        c->call.args[i] = args[i];
    c->row = NULL;
    c->foreign = true;
}

static void take_args(struct call *c)
{
    const struct user_regs_struct *regs = &c->regs;
    c->call.nr = (int32_t)regs->orig_rax; /* all that the kernel looks at: do_syscall_64 */
    c->call.args[0] = regs->rdi;
    c->call.args[1] = regs->rsi;
    c->call.args[2] = regs->rdx;
    c->call.args[3] = regs->r10;
    c->call.args[4] = regs->r8;
    c->call.args[5] = regs->r9;
    c->row = syscall_row(c->call.nr);
}

/* Memory is compared around the call where the table cannot tell what it writes, and everywhere
 * in paranoid mode; not where other tasks write meanwhile, or where the memory is replaced. */
static void maybe_snapshot(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    c->unlisted = c->foreign || !syscall_is_listed(&c->call);
    if (!c->unlisted && !r->options->paranoid)
        return;
    if (c->row != NULL &&
        (c->row->task != TASK_NONE || c->row->mem == MEM_MMAP || c->row->mem == MEM_MUNMAP ||
         c->row->mem == MEM_MREMAP || c->row->mem == MEM_BRK || c->row->mem == MEM_SHMAT ||
         c->row->mem == MEM_SHMDT || c->row->mem == MEM_MADVISE))
        return;
    if (!c->unlisted && t->group->n_tasks > 1)
        return;
    c->before = snapshot_take(t);
}

static void enter(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    calls_memory_at_entry(r, t);
    if (!foreign_memory_join_at_entry(r, t))
        return; /* waits for the token of another group, then comes here again */
    if (c->row != NULL && c->row->task == TASK_EXEC)
        exit_writes_foresee(t);
    maybe_snapshot(r, t);
    if (c->row != NULL && (c->row->flags & SYSCALL_NEVER_RETURNS) != 0)
        call_log_entry(r, t);
    if (t->group->n_tasks > 1 && scratch_redirect(r, t) == SCRATCH_AGAIN)
        return;
    bool release = t->group->n_tasks > 1 && call_may_wait(r, t);
    if (release) {
        call_log_entry(r, t);
        t->state = TASK_IN_CALL;
    }
    struct syscall_memory m = call_memory(t);
    c->early = release && syscall_writes_early(&c->call, &m);
    if (!output_turn_must_wait(r, t))
        task_resume(r, t, 0);
    else if (release)
        group_release_token(r, t);
}

void call_log_early_writes(struct recorder *r, struct task *t)
{
    t->call.early = false;
    if (!early_writes_log_when_waiting(r, t))
        t->state = TASK_USER; /* its exit comes at once */
}

/* A call of the program's own instruction that the stub could have made: next time it shall. */
static void shorten(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (t->space->stub.mapped && !c->foreign && stub_calls_make(r, c->call.nr))
        code_patches_hit(r, t, c->regs.rip, c->call.nr);
}

void call_at_entry(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    if (c->restarting) { /* the same call goes on */
        struct user_regs_struct regs;
        if (t->space->stub.mapped && tracee_get_regs(t->tid, &regs) == 0)
            (void)stub_calls_restarts_here(t, &regs);
        c->restarting = false;
        c->active = true;
        if (r->ptrace != NULL && c->row != NULL && c->row->answer == ANSWER_WAIT)
            ptrace_wait_at_entry(r, t);
        scratch_redirect_again(t);
        task_resume(r, t, 0);
        return;
    }
    call_reset(c);
    int err = tracee_get_regs(t->tid, &c->regs);
    if (err < 0) {
        task_lost(r, t, err);
        return;
    }
    stub_calls_log(r, t);
    if (t->space->stub.mapped && stub_leave_at_look(r, t, &c->regs)) {
        task_resume(r, t, 0);
        return;
    }
    bool shortened = stub_calls_at_entry(t, &c->regs);
    if (t->held != NULL || vsyscall_is_at(c->regs.rip))
        clock_reads_log(r, t);
    if (vsyscall_is_at(c->regs.rip)) {
        vsyscalls_take(r, t, &c->regs);
        return;
    }
    t->last_syscall_ip = c->regs.rip - 2;
    t->at_call = false;
    if (t->held != NULL) {
        signals_deliver_held_at_entry(r, t);
        return;
    }
    if ((own_filters_are_coming(&c->regs) && code_watch_release(r, t)) ||
        ((int32_t)c->regs.orig_rax == SYS_mremap && code_watch_lend(r, t)))
        return; /* the call comes again */
    c->active = true;
    c->entry_time = recorder_now(r);
    if (is_int80(t, &c->regs))
        take_int80_args(c);
    else
        take_args(c);
    clock_reads_log_peeking(r, t, handed_likely_string(c));
    clock_reads_note_caller(t, c->regs.rip);
    if (!shortened)
        shorten(r, t);
    handed_take(r, t); /* before an answer is written over it: the iovec of PTRACE_GETREGSET */
    if (own_filters_forbid(t))
        (void)syscall(SYS_tgkill, t->pid, t->tid, SIGKILL);
    else if (!answers_at_entry(r, t))
        return;
    enter(r, t);
}

void call_enter(struct recorder *r, struct task *t)
{
    t->state = TASK_USER;
    if (!t->call.answered)
        handed_take(r, t); /* as others have left it meanwhile */
    enter(r, t);
}

/* ---- exit ---- */

static void add_ranges(struct recorder *r, struct task *t, const struct syscall_ranges *ranges,
                       struct emit_list *out)
{
    for (size_t i = 0; i < ranges->n; i++) {
        code_watch_written(r, t, ranges->v[i].addr, ranges->v[i].len);
        Reprise__Range *m = emit_memory(r, t->tid, ranges->v[i].addr, ranges->v[i].len);
        memory_watch_forget(t->space->watch, ranges->v[i].addr, ranges->v[i].len);
        if (m != NULL)
            emit_push(r, out, m);
    }
}

static void warn_unlisted(struct recorder *r, struct task *t)
{
    uint64_t key = 0x10000u + (uint64_t)t->call.call.nr;
    if (map64_get(&r->warned, key) != NULL)
        return;
    map64_put(&r->warned, key, r);
    const struct call *c = &t->call;
    recorder_warn(r,
                  "process %d: syscall %s (%lld, first arguments %#llx, %#llx) is not fully known: "
                  "what it writes is found by comparing memory, which is slow",
                  (int)t->pid, c->row != NULL ? c->row->name : "?", (long long)c->call.nr,
                  (unsigned long long)c->call.args[0], (unsigned long long)c->call.args[1]);
}

/* What the kernel wrote, as ranges of the event. */
static void fill_out(struct recorder *r, struct task *t, struct emit_list *out)
{
    struct call *c = &t->call;
    struct syscall_memory m = call_memory(t);
    struct syscall_ranges *ranges = &c->in_ranges; /* read by now, its memory serves again */
    if (c->unlisted) {
        size_t before = out->n;
        if (c->before != NULL)
            snapshot_diff(r, t, c->before, out);
        bool failed = c->call.result < 0 && c->call.result > -4096 && out->n == before;
        bool on_purpose = c->row != NULL && (c->row->flags & SYSCALL_COMPARED) != 0;
        if (!failed && !on_purpose) /* else the kernel knew it no better than the table */
            warn_unlisted(r, t);
        return;
    }
    ranges->n = 0;
    int err = syscall_written(&c->call, &m, ranges);
    if (err == -ENOSYS)
        recorder_warn(r, "process %d: cannot tell what syscall %lld wrote", (int)t->pid,
                      (long long)c->call.nr);
    add_ranges(r, t, ranges, out);
    add_ranges(r, t, &c->restart_ranges, out);
    if (c->before != NULL)
        snapshot_prove(r, t, c->before, out);
}

/* Fewer bytes went than were offered: a signal may have ended the wait. */
static bool is_short_write(const struct call *c, int64_t result)
{
    if ((c->row->flags & SYSCALL_WRITES_FD) == 0 || result < 0)
        return false;
    bool plain = c->call.nr == SYS_write || c->call.nr == SYS_pwrite64 || c->call.nr == SYS_sendto;
    return !plain || (uint64_t)result != c->call.args[2];
}

/* Whether a signal may be pending that the task will take before its next instruction. Asking
 * costs, so it is asked only where it is likely. */
static bool may_have_raised(const struct task *t, int64_t result)
{
    const struct call *c = &t->call;
    if (call_is_restart(result) || result == -EINTR || result == -EPIPE || result == -EFBIG ||
        result == -EIO || c->row == NULL || t->filtered)
        return true;
    bool makes_task = c->row->task != TASK_NONE && c->row->task != TASK_SIGRETURN;
    return (c->row->flags & SYSCALL_MAY_RAISE) != 0 || makes_task || is_short_write(c, result);
}

static void finish_exit(struct recorder *r, struct task *t, const struct user_regs_struct *regs)
{
    struct call *c = &t->call;
    bool raised = may_have_raised(t, c->call.result);
    bool unshares = (c->call.nr == SYS_unshare && (c->call.args[0] & CLONE_FILES) != 0) ||
                    (c->call.nr == SYS_close_range && (c->call.args[2] & CLOSE_RANGE_UNSHARE) != 0);
    if (unshares) {
        fd_table_unref(t->fds);
        t->fds = fd_table_new();
        if (t->space->refs > 1) /* the stub knows of one table */
            stub_calls_turn_off(t);
    }
    bool changes_fds = c->row == NULL || (c->row->flags & SYSCALL_CHANGES_FDS) != 0;
    if (c->call.nr == SYS_set_tid_address)
        t->clear_tid_addr = c->call.args[0];
    if (c->call.nr == SYS_seccomp || c->call.nr == SYS_prctl)
        own_filters_at_exit(r, t);
    if (c->row != NULL && c->row->task == TASK_SIGRETURN)
        forced_signals_look(t);
    t->regs = *regs;
    if (changes_fds) {
        fd_class_forget(t);
        stub_calls_fds_changed(t);
    } else if (c->row->args[0] == ARG_FD && stub_calls_make(r, c->call.nr)) {
        bool writes = (c->row->flags & SYSCALL_WRITES_FD) != 0;
        stub_calls_know_fd(r, t, c->call.args[writes ? c->row->out_fd : 0], writes);
    }
    if (c->row != NULL && c->row->task != TASK_NONE) /* a child had descriptors of its own here */
        stub_calls_forget_fds(t);
    t->signal_imminent = raised && signals_are_pending(t);
    call_reset(c);
}

static void log_exit(struct recorder *r, struct task *t, const struct user_regs_struct *regs)
{
    struct call *c = &t->call;
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    struct emit_list out = {0}, map = {0};
    if (c->entry_logged)
        s.phase = REPRISE__SYSCALL__PHASE__EXIT;
    else
        call_entry_fill(r, t, &s);
    s.result = c->call.result;
    uint64_t now = recorder_now(r);
    s.duration = now - c->entry_time;
    s.refused = c->answered;
    s.unlisted = c->unlisted;
    fd_class_output(r, t, &s);
    calls_memory_at_exit(r, t, &map, &out);
    fill_out(r, t, &out);
    s.map = (Reprise__MapOp **)map.v;
    s.n_map = map.n;
    s.out = (Reprise__Range **)out.v;
    s.n_out = out.n;
    bool sigreturn = c->row != NULL && c->row->task == TASK_SIGRETURN;
    emit_changed_regs(r, &c->regs, regs, sigreturn, &s.regs, &s.n_regs);
    if (sigreturn)
        s.xstate = emit_xstate(r, t->tid);
    if (c->call.result == 0 && !c->answered && !c->foreign)
        forced_signals_at_call(t, c->call.nr, c->call.args, c->in.data, c->in.len);
    call_entry_emit(r, t, &s, now);
}

static void end_call(struct recorder *r, struct task *t, struct user_regs_struct regs)
{
    struct call *c = &t->call;
    c->call.result = (int64_t)regs.rax;
    if (t->in_exec) {
        exec_image_log(r, t, &regs);
        return;
    }
    scratch_finish(t, &regs);
    if (!answers_at_exit(r, t, &regs))
        return;
    c->call.result = (int64_t)regs.rax;
    if (!foreign_memory_join_at_exit(r, t))
        return; /* waits for the token of another group, then comes here again */
    foreign_memory_poke(r, t);
    foreign_reads_mend(r, t);
    cpu_reads_mend(r, t);
    log_exit(r, t, &regs);
    output_turn_end(r, t);
    finish_exit(r, t, &regs);
    if (!t->signal_imminent && group_yield(r, t))
        return;
    t->state = TASK_USER;
    task_resume(r, t, 0);
}

void call_log_exit(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) == 0)
        end_call(r, t, regs);
    else
        t->call.active = true; /* killed as it waited: see call_log_last_write */
}

/* An interrupted call may have written already (nanosleep's remainder): remember where. */
static void note_interruption(struct task *t, int64_t result)
{
    struct call *c = &t->call;
    struct syscall_memory m = scratch_memory(t);
    c->restarting = true;
    c->active = false;
    c->call.result = result;
    if (!c->unlisted)
        syscall_written(&c->call, &m, &c->restart_ranges);
}

void call_interrupted_elsewhere(struct recorder *r, struct task *t,
                                const struct user_regs_struct *entry, int64_t result)
{
    struct call *c = &t->call;
    call_reset(c);
    c->regs = *entry;
    c->entry_time = recorder_now(r);
    take_args(c);
    handed_take(r, t);
    t->last_syscall_ip = entry->rip - 2;
    note_interruption(t, result);
    struct user_regs_struct regs = *entry;
    regs.rax = (uint64_t)result;
    (void)tracee_set_regs(t->tid, &regs);
    stub_calls_restart_elsewhere(t, &regs);
}

void call_at_exit(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) < 0)
        return;
    struct call *c = &t->call;
    if (r->ptrace != NULL && c->row != NULL && c->row->answer == ANSWER_WAIT &&
        !ptrace_wait_at_exit(r, t, &regs))
        return;
    if (!c->nullified && !t->in_exec && call_is_restart((int64_t)regs.rax)) {
        note_interruption(t, (int64_t)regs.rax);
        scratch_interrupted(t, &regs);
        stub_calls_restart_elsewhere(t, &regs);
        task_resume(r, t, 0);
        return;
    }
    c->active = false;
    if (group_has_token(t))
        end_call(r, t, regs);
    else
        group_wait_for_token(r, t, DUE_EXIT);
}

void call_log_interrupted(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) < 0)
        return;
    struct call *c = &t->call;
    (void)stub_calls_restarts_here(t, &regs);
    c->call.result = (int64_t)regs.rax;
    scratch_finish(t, &regs);
    c->restart_ranges.n = 0;
    log_exit(r, t, &regs);
    output_turn_end(r, t);
    t->regs = regs;
    call_reset(c);
    t->signal_imminent = true;
}

/* A task that is killed in a call passes the exit stop, or dies as it waits there for the token.
 * Its registers tell all the same how the call ended: the result that it would have come back with,
 * or ENOSYS from the entry on, if the call was not made (arch/x86/entry, PT_REGS_RAX). Of what
 * writes to a descriptor others see what it did, and it writes no memory, so that it needs no
 * token. */
void call_log_last_write(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    struct user_regs_struct regs;
    bool in_call = c->active || t->due == DUE_EXIT;
    if (!in_call || c->answered || c->row == NULL || (c->row->flags & SYSCALL_WRITES_FD) == 0 ||
        tracee_get_regs(t->tid, &regs) < 0 || regs.rax == (uint64_t)-ENOSYS ||
        call_is_restart((int64_t)regs.rax))
        return;
    scratch_finish(t, &regs);
    c->call.result = (int64_t)regs.rax;
    log_exit(r, t, &regs);
    call_reset(c);
}

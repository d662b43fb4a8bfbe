/* Owns the life of a call from entry stop to exit stop and the event it makes. What single calls
 * need beyond the table is told by answers.h and calls_memory.h. */
#include "recorder/calls.h"

#include "recorder/agenda.h"
#include "recorder/answers.h"
#include "recorder/call_begin.h"
#include "recorder/call_entry.h"
#include "recorder/call_exit.h"
#include "recorder/call_facts.h"
#include "recorder/calls_memory.h"
#include "recorder/clock_reads.h"
#include "recorder/code_patches.h"
#include "recorder/code_watch.h"
#include "recorder/cpu_reads.h"
#include "recorder/early_writes.h"
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
#include "recorder/signal_delivery.h"
#include "recorder/signal_state.h"
#include "recorder/snapshot.h"
#include "recorder/stub_calls.h"
#include "recorder/stub_leave.h"
#include "recorder/task_control.h"
#include "recorder/vsyscalls.h"
#include "task/made_calls.h"
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
    return !regs_is_behind_syscall(regs) &&
           tracee_read_all(t->tid, regs_call_ip(regs), code, 2) == 0 && code[0] == 0xcd &&
           code[1] == 0x80;
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
        task_set_state(r, t, TASK_IN_CALL);
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
        task_set_state(r, t, TASK_USER); /* its exit comes at once */
}

/* A call of the program's own instruction that the stub could have made: next time it shall. */
static void shorten(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (t->space->stub.mapped && !c->foreign && stub_calls_make(r, c->call.nr))
        code_patches_hit(r, t, regs_ip(&c->regs), c->call.nr);
}

void call_at_entry(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    if (c->restarting) { /* the same call goes on */
        struct user_regs_struct regs;
        if (t->space->stub.mapped && task_get_regs(r, t, &regs))
            (void)stub_calls_restarts_here(t, &regs);
        c->restarting = false;
        c->active = true;
        if (r->ptrace != NULL && c->row != NULL && c->row->waits_for == WAITS_FOR_CHILD)
            ptrace_wait_at_entry(r, t);
        scratch_redirect_again(t);
        task_resume(r, t, 0);
        return;
    }
    call_reset(c);
    if (!task_get_regs(r, t, &c->regs))
        return;
    stub_calls_log(r, t);
    if (t->space->stub.mapped && stub_leave_at_look(r, t, &c->regs)) {
        task_resume(r, t, 0);
        return;
    }
    bool shortened = stub_calls_at_entry(t, &c->regs);
    if (t->signals.held != NULL || vsyscall_is_at(regs_ip(&c->regs)))
        clock_reads_log(r, t);
    if (vsyscall_is_at(regs_ip(&c->regs))) {
        vsyscalls_take(r, t, &c->regs);
        return;
    }
    t->last_syscall_ip = regs_call_ip(&c->regs);
    t->at_call = false;
    if (t->signals.held != NULL) {
        signals_deliver_held_at_entry(r, t);
        return;
    }
    if ((own_filters_are_coming(&c->regs) && code_watch_release(r, t)) ||
        (syscall_traits((int32_t)regs_number(&c->regs))->mem == MEM_MREMAP &&
         code_watch_lend(r, t)))
        return; /* the call comes again */
    c->active = true;
    c->entry_time = recorder_now(r);
    if (is_int80(t, &c->regs))
        call_take_int80_args(c);
    else
        call_take_args(c);
    clock_reads_log_peeking(r, t, handed_likely_string(c));
    clock_reads_note_caller(t, regs_ip(&c->regs));
    if (!shortened)
        shorten(r, t);
    handed_take(r, t); /* before an answer is written over it: the iovec of PTRACE_GETREGSET */
    if (own_filters_forbid(t))
        (void)syscall(NR_TGKILL, t->pid, t->tid, SIGKILL);
    else if (!answers_at_entry(r, t))
        return;
    enter(r, t);
}

void call_enter(struct recorder *r, struct task *t)
{
    task_set_state(r, t, TASK_USER);
    if (!t->call.answered)
        handed_take(r, t); /* as others have left it meanwhile */
    enter(r, t);
}

/* ---- exit ---- */

/* Fewer bytes went than were offered: a signal may have ended the wait. */
static bool is_short_write(const struct call *c, int64_t result)
{
    if ((c->row->flags & SYSCALL_WRITES_FD) == 0 || result < 0)
        return false;
    return c->row->io.moves != MOVES_BUFFER || (uint64_t)result != c->call.args[2];
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
    if (syscall_unshares_fds(c->call.nr, c->call.args)) {
        fd_table_unref(t->fds);
        t->fds = fd_table_new();
        if (t->space->refs > 1) /* the stub knows of one table */
            stub_calls_turn_off(t);
    }
    bool changes_fds = c->row == NULL || (c->row->flags & SYSCALL_CHANGES_FDS) != 0;
    if (c->row != NULL && c->row->sets_clear_tid)
        t->clear_tid_addr = c->call.args[0];
    if (own_filters_are_asked(&c->call))
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
    t->signals.imminent = raised && signals_are_pending(t);
    call_reset(c);
}

static void end_call(struct recorder *r, struct task *t, struct user_regs_struct regs)
{
    struct call *c = &t->call;
    c->call.result = regs_result(&regs);
    if (t->state == TASK_IN_EXEC) {
        exec_image_log(r, t, &regs);
        return;
    }
    scratch_finish(t, &regs);
    if (!answers_at_exit(r, t, &regs))
        return;
    c->call.result = regs_result(&regs);
    if (!foreign_memory_join_at_exit(r, t))
        return; /* waits for the token of another group, then comes here again */
    foreign_memory_poke(r, t);
    foreign_reads_mend(r, t);
    cpu_reads_mend(r, t);
    call_log_exit_event(r, t, &regs);
    output_turn_end(r, t);
    finish_exit(r, t, &regs);
    if (!t->signals.imminent && group_yield(r, t))
        return;
    task_set_state(r, t, TASK_USER);
    task_resume(r, t, 0);
}

void call_log_exit(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (task_get_regs(r, t, &regs))
        end_call(r, t, regs);
    else
        t->call.active = true; /* killed as it waited: see call_log_last_write */
}

void call_at_exit(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (!task_get_regs(r, t, &regs))
        return;
    struct call *c = &t->call;
    if (r->ptrace != NULL && c->row != NULL && c->row->waits_for == WAITS_FOR_CHILD &&
        !ptrace_wait_at_exit(r, t, &regs))
        return;
    if (!c->nullified && t->state != TASK_IN_EXEC && call_is_restart(regs_result(&regs))) {
        call_note_interruption(t, regs_result(&regs));
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

/* Owns the end of the event that a call makes: what the kernel wrote and changed. */
#include "recorder/call_exit.h"

#include "recorder/call_entry.h"
#include "recorder/call_facts.h"
#include "recorder/calls_memory.h"
#include "recorder/code_watch.h"
#include "recorder/emit.h"
#include "recorder/fd_class.h"
#include "recorder/forced_signals.h"
#include "recorder/output_turn.h"
#include "recorder/scratch.h"
#include "recorder/snapshot.h"
#include "recorder/stub_calls.h"
#include "recorder/task_control.h"
#include "task/memory_watch.h"

#include <errno.h>

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

void call_log_exit_event(struct recorder *r, struct task *t, const struct user_regs_struct *regs)
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

void call_log_interrupted(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (!task_get_regs(r, t, &regs))
        return;
    struct call *c = &t->call;
    (void)stub_calls_restarts_here(t, &regs);
    c->call.result = regs_result(&regs);
    scratch_finish(t, &regs);
    c->restart_ranges.n = 0;
    call_log_exit_event(r, t, &regs);
    output_turn_end(r, t);
    t->regs = regs;
    call_reset(c);
    t->signals.imminent = true;
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
        !task_get_regs(r, t, &regs) || regs_result(&regs) == -ENOSYS ||
        call_is_restart(regs_result(&regs)))
        return;
    scratch_finish(t, &regs);
    c->call.result = regs_result(&regs);
    call_log_exit_event(r, t, &regs);
    call_reset(c);
}

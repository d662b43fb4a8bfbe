/* Owns the knowledge what state a task in the stub is in, by where it stands and how far it says
 * that it has come. */
#include "recorder/stub_leave.h"

#include "recorder/call_begin.h"
#include "recorder/call_facts.h"
#include "recorder/code_patches.h"
#include "recorder/stub_calls.h"
#include "recorder/task_control.h"

#include <string.h>

struct stub_stop {
    struct user_regs_struct live;
    uint64_t position, result, site, old_position;
    uint32_t phase, partial, tried;
    struct stub_regs saved;
};

static bool look(const struct task *t, struct stub_stop *ret)
{
    uint8_t head[offsetof(struct call_data, off)];
    if (!t->space->stub.mapped || tracee_get_regs(t->tid, &ret->live) < 0 ||
        ret->live.rip - CALL_STUB_CODE >= CALL_STUB_CODE_SIZE ||
        tracee_read_all(t->tid, CALL_DATA, head, sizeof head) < 0 ||
        tracee_read_all(t->tid, CALL_DATA + CALL_REGS, &ret->saved, sizeof ret->saved) < 0)
        return false;
    memcpy(&ret->position, head + offsetof(struct call_data, position), 8);
    memcpy(&ret->result, head + offsetof(struct call_data, result), 8);
    memcpy(&ret->site, head + offsetof(struct call_data, site), 8);
    memcpy(&ret->old_position, head + offsetof(struct call_data, old_position), 8);
    memcpy(&ret->phase, head + offsetof(struct call_data, phase), sizeof ret->phase);
    memcpy(&ret->partial, head + offsetof(struct call_data, partial), sizeof ret->partial);
    memcpy(&ret->tried, head + offsetof(struct call_data, tried), sizeof ret->tried);
    return true;
}

/* The program's registers as it came to the stub. */
static struct user_regs_struct program_regs(const struct stub_stop *s)
{
    struct user_regs_struct regs = s->live;
    const struct stub_regs *saved = &s->saved;
    uint64_t ip = s->live.rip;
    regs.orig_rax = (uint64_t)-1;
    if (ip >= call_stub_at(call_stub_switched))
        regs.rsp = saved->rsp;
    if (ip > call_stub_at(call_stub_switched))
        regs.eflags = saved->flags;
    if (ip >= call_stub_at(call_stub_pushed)) {
        regs.r15 = saved->r15;
        regs.r14 = saved->r14;
        regs.r13 = saved->r13;
        regs.r12 = saved->r12;
        regs.rbp = saved->rbp;
        regs.rbx = saved->rbx;
        regs.rax = saved->rax;
        regs.rdi = saved->rdi;
        regs.rsi = saved->rsi;
        regs.rdx = saved->rdx;
        regs.r10 = saved->r10;
        regs.r8 = saved->r8;
        regs.r9 = saved->r9;
        regs.rcx = saved->rcx;
    }
    regs.r11 = regs.eflags;
    return regs;
}

static enum stub_left go_before(struct task *t, const struct stub_stop *s)
{
    struct user_regs_struct regs = program_regs(s);
    t->stub_site = regs.rcx;
    regs.rip = call_stub_at(call_stub_slow) - 2;
    (void)tracee_set_regs(t->tid, &regs);
    return STUB_BEFORE;
}

static enum stub_left go_after(struct task *t, const struct stub_stop *s, uint64_t result)
{
    struct user_regs_struct regs = program_regs(s);
    regs.rax = result;
    regs.rip = regs.rcx;
    (void)tracee_set_regs(t->tid, &regs);
    t->regs = regs;
    return STUB_AFTER;
}

static enum stub_left go_waiting(struct recorder *r, struct task *t, const struct stub_stop *s,
                                 uint64_t result)
{
    struct user_regs_struct regs = program_regs(s);
    regs.orig_rax = regs.rax;
    regs.rip = regs.rcx;
    call_interrupted_elsewhere(r, t, &regs, (int64_t)result);
    return STUB_WAITS;
}

static enum stub_left made(struct recorder *r, struct task *t, const struct stub_stop *s,
                           uint64_t result, bool by_signal)
{
    if (s->tried != 0 && result == 0)
        return go_before(t, s);
    if (!call_is_restart((int64_t)result)) {
        stub_calls_log_made(r, t, (uint32_t)s->position, s->partial, (int64_t)result);
        stub_calls_forget_fds(t);
        return go_after(t, s, result);
    }
    return by_signal ? go_waiting(r, t, s, result) : go_before(t, s);
}

/* All registers are the program's. rcx is the site, unless the instruction was executed and undone,
 * which leaves rcx behind it; then the site is known from before. */
static enum stub_left stay_before(struct task *t, const struct stub_stop *s)
{
    if (s->live.rcx != call_stub_at(call_stub_slow))
        t->stub_site = s->live.rcx;
    else if (t->stub_site == 0)
        t->stub_site = s->site;
    return STUB_BEFORE;
}

static enum stub_left leave(struct recorder *r, struct task *t, const struct stub_stop *s,
                            bool by_signal)
{
    uint64_t ip = s->live.rip;
    if (ip == call_stub_at(call_stub_slow) - 2)
        return stay_before(t, s);
    if (ip < call_stub_at(call_stub_saved))
        return go_before(t, s);
    bool just_made = ip >= call_stub_at(call_stub_made) && ip < call_stub_at(call_stub_noted);
    if (s->phase == CALL_BEFORE && just_made)
        return made(r, t, s, s->live.rax, by_signal);
    if (s->phase == CALL_MADE && s->position != s->old_position)
        return go_after(t, s, s->saved.rax);
    if (s->phase == CALL_MADE)
        return made(r, t, s, s->result, by_signal);
    return go_before(t, s);
}

enum stub_left stub_leave(struct recorder *r, struct task *t, bool by_signal)
{
    struct stub_stop s = {0};
    if (look(t, &s)) {
        enum stub_left left = leave(r, t, &s, by_signal);
        if (left == STUB_AFTER)
            t->signals.imminent = by_signal;
        return left;
    }
    if (t->space->stub.mapped && code_patches_leave(t, &s.live))
        (void)task_set_regs(r, t, &s.live);
    return STUB_NOT_THERE;
}

bool stub_leave_at_look(struct recorder *r, struct task *t, const struct user_regs_struct *regs)
{
    struct stub_stop s;
    if (regs->rip != call_stub_at(call_stub_look) || !look(t, &s))
        return false;
    (void)made(r, t, &s, s.result, false);
    t->signals.imminent = false;
    return true;
}

void stub_leave_for_good(struct recorder *r, struct task *t)
{
    if (!t->space->stub.mapped)
        return;
    struct user_regs_struct regs;
    if (t->call.restarting && task_get_regs(r, t, &regs) && stub_calls_restarts_here(t, &regs)) {
        code_patches_drop(t);
        return;
    }
    if (stub_leave(r, t, false) == STUB_BEFORE && task_get_regs(r, t, &regs)) {
        regs.rip = t->stub_site - 2;
        (void)task_set_regs(r, t, &regs);
    }
    code_patches_drop(t);
}

/* Owns how a call looks when it begins, and when an interruption has stopped it. */
#include "recorder/call_begin.h"

#include "recorder/call_facts.h"
#include "recorder/handed.h"
#include "recorder/scratch.h"
#include "recorder/stub_calls.h"
#include "recorder/task_control.h"

void call_take_int80_args(struct call *c)
{
    const struct user_regs_struct *regs = &c->regs;
    regs_get_int80_args(regs, c->call.args);
    c->call.nr = (int32_t)regs_number(regs);
    c->row = NULL;
    c->foreign = true;
}

void call_take_args(struct call *c)
{
    const struct user_regs_struct *regs = &c->regs;
    c->call.nr = (int32_t)regs_number(regs); /* all that the kernel looks at: do_syscall_64 */
    regs_get_args(regs, c->call.args);
    c->row = syscall_row(c->call.nr);
}

/* An interrupted call may have written already (nanosleep's remainder): remember where. */
void call_note_interruption(struct task *t, int64_t result)
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
    call_take_args(c);
    handed_take(r, t);
    t->last_syscall_ip = regs_call_ip(entry);
    call_note_interruption(t, result);
    struct user_regs_struct regs = *entry;
    regs_set_result(&regs, result);
    (void)task_set_regs(r, t, &regs);
    stub_calls_restart_elsewhere(t, &regs);
}

/* Owns the refusal of probe calls where the filter does not stop them. */
#include "recorder/probe_calls.h"

#include "recorder/agenda.h"
#include "recorder/emit.h"
#include "recorder/task_control.h"

#include <errno.h>

bool probe_calls_take(struct recorder *r, struct task *t, const struct user_regs_struct *at)
{
    bool is_one = syscall_traits(regs_number(at))->unfiltered;
    if (!is_one || !r->filters_calls || t->call.active || t->call.restarting)
        return false;
    struct user_regs_struct regs = *at;
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.nr = regs_number(&regs);
    s.ip = regs_ip(&regs);
    s.result = -ENOSYS;
    s.refused = true;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    emit_event(r, t, &e);
    regs_set_result(&regs, s.result);
    regs_leave_call(&regs);
    if (!task_set_regs(r, t, &regs))
        return true;
    t->regs = regs;
    task_resume(r, t, 0);
    return true;
}

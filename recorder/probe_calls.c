/* Owns the refusal of probe calls where the filter does not stop them. */
#include "recorder/probe_calls.h"

#include "recorder/agenda.h"
#include "recorder/emit.h"
#include "recorder/task_control.h"

#include <errno.h>

enum { NR_URETPROBE = 335, NR_UPROBE = 336 }; /* newer than the headers at hand */

bool probe_calls_take(struct recorder *r, struct task *t, const struct user_regs_struct *at)
{
    bool is_one = at->orig_rax == NR_URETPROBE || at->orig_rax == NR_UPROBE;
    if (!is_one || !r->filters_calls || t->call.active || t->call.restarting)
        return false;
    struct user_regs_struct regs = *at;
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.nr = (int64_t)regs.orig_rax;
    s.ip = regs.rip;
    s.result = -ENOSYS;
    s.refused = true;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    emit_event(r, t, &e);
    regs.rax = (uint64_t)s.result;
    regs.orig_rax = (uint64_t)-1;
    if (!task_set_regs(r, t, &regs))
        return true;
    t->regs = regs;
    task_resume(r, t, 0);
    return true;
}

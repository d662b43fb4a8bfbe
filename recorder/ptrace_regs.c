/* Owns the event for registers that a task's own tracer has changed. */
#include "recorder/ptrace_regs.h"

#include "recorder/call_exit.h"
#include "recorder/poke.h"
#include "recorder/ptrace_state.h"

#include <string.h>

void ptrace_log_regs(struct recorder *r, struct task *t, const struct user_regs_struct *before)
{
    struct user_regs_struct after;
    if (tracee_get_regs(t->tid, &after) < 0 || memcmp(before, &after, sizeof after) == 0)
        return;               /* only the CPU's breakpoints may have been changed */
    if (t->call.restarting) { /* it goes on elsewhere, perhaps: the call ends here */
        struct user_regs_struct now = after;
        if (tracee_set_regs(t->tid, before) < 0)
            return;
        call_log_interrupted(r, t);
        if (tracee_set_regs(t->tid, &now) < 0)
            return;
        t->traced->call_was_cut = true;
    }
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!poke_find_place(r, t, &p))
        return;
    poke_changed_regs(r, before, &after, &p);
    if (!p.at_call)
        t->regs = after;
    if (p.n_regs > 0)
        poke_emit(r, t, &p);
}

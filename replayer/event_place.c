/* Owns the knowledge of where each kind of event comes to a task. */
#include "replayer/event_place.h"

#include "replayer/arrive.h"
#include "replayer/diverge.h"
#include "replayer/task_run.h"

#include <errno.h>
#include <string.h>

/* Whether the task can raise this fault by itself. */
static int can_raise(struct replayer *r, const struct rtask *t, const Reprise__Signal *s)
{
    siginfo_t info = {0};
    memcpy(&info, s->siginfo.data, s->siginfo.len < sizeof info ? s->siginfo.len : sizeof info);
    if (s->signo != SIGTRAP || info.si_code != TRAP_HWBKPT ||
        (replayer_has(r, MACHINE_BREAKPOINTS) && replayer_has(r, MACHINE_WATCHPOINTS)))
        return 0;
    return err_set(
        r->err, ENOTSUP,
        "the recorded program was stopped by a breakpoint register of the CPU, set by its "
        "debugger (task %u at %#llx): these registers do not hit on this machine, so that "
        "the trace cannot be replayed further here",
        t->serial, (unsigned long long)s->ip);
}

static int reach_call(struct replayer *r, struct rtask *t, const Reprise__Syscall *s)
{
    if (s->phase == REPRISE__SYSCALL__PHASE__EXIT)
        return t->in_call ? 0 : is_damaged(r, "the exit of a call without its entry");
    return t->in_call ? is_damaged(r, "a call within a call") : rtask_arrive_or_stop(r, t);
}

static int reach_signal(struct replayer *r, struct rtask *t, const Reprise__Signal *s)
{
    if (s->at == REPRISE__SIGNAL__AT__ENTRY)
        return rtask_arrive_or_stop(r, t);
    if (s->at != REPRISE__SIGNAL__AT__FAULT)
        return 0;
    int err = can_raise(r, t, s);
    return err < 0 ? err : rtask_arrive_or_stop(r, t);
}

static int reach_preemption(struct replayer *r, struct rtask *t, const Reprise__Preemption *p)
{
    if (t->arrival != ARRIVED_NOWHERE || t->in_call)
        return is_damaged(r, "a preemption within a call");
    return arrive_at_point(r, t, p);
}

int event_place_reach(struct replayer *r, struct rtask *t, const Reprise__Event *e)
{
    switch (e->body_case) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return reach_call(r, t, e->syscall);
    case REPRISE__EVENT__BODY_SIGNAL:
        return reach_signal(r, t, e->signal);
    case REPRISE__EVENT__BODY_TRAP:
    case REPRISE__EVENT__BODY_FETCH:
        return rtask_arrive_or_stop(r, t);
    case REPRISE__EVENT__BODY_POKE:
        return e->poke->at_call ? rtask_arrive_or_stop(r, t) : 0;
    case REPRISE__EVENT__BODY_PREEMPTION:
        return reach_preemption(r, t, e->preemption);
    case REPRISE__EVENT__BODY_STEP: /* a way of its own */
    case REPRISE__EVENT__BODY_EXEC:
    case REPRISE__EVENT__BODY_EXIT:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* Owns the question what an instruction is where events come to a task. */
#include "replayer/single_step.h"

#include "replayer/arrive.h"
#include "replayer/task_run.h"

/* At the point all of the task's instructions up to the event are executed. */
static int step_towards_point(struct replayer *r, struct rtask *t, const Reprise__Preemption *p)
{
    int there = arrive_is_there(r, t, p);
    if (there != 0)
        return there < 0 ? there : 0;
    int err = rtask_step(r, t);
    return err < 0 ? err : 1;
}

/* Of what comes to the task by itself. */
static bool comes_by_running(const Reprise__Event *e)
{
    switch (e->body_case) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return e->syscall->phase != REPRISE__SYSCALL__PHASE__EXIT;
    case REPRISE__EVENT__BODY_SIGNAL:
        return e->signal->at == REPRISE__SIGNAL__AT__ENTRY ||
               e->signal->at == REPRISE__SIGNAL__AT__FAULT;
    case REPRISE__EVENT__BODY_TRAP:
    case REPRISE__EVENT__BODY_FETCH:
        return true;
    case REPRISE__EVENT__BODY_POKE:
        return e->poke->at_call;
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_EXEC:
    case REPRISE__EVENT__BODY_EXIT:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return false;
}

int single_step_towards(struct replayer *r, struct rtask *t, const Reprise__Event *e)
{
    if (t->pid == 0 || t->in_call || t->arrival != ARRIVED_NOWHERE)
        return 0;
    if (e->body_case == REPRISE__EVENT__BODY_PREEMPTION)
        return step_towards_point(r, t, e->preemption);
    return comes_by_running(e) ? rtask_step_or_arrive(r, t) : 0;
}

bool single_step_is_done_by(const Reprise__Event *e)
{
    switch (e->body_case) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return e->syscall->phase != REPRISE__SYSCALL__PHASE__ENTRY;
    case REPRISE__EVENT__BODY_TRAP:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_EXEC:
    case REPRISE__EVENT__BODY_EXIT:
        return true;
    case REPRISE__EVENT__BODY_SIGNAL: /* it stands before the handler's first */
        return e->signal->at == REPRISE__SIGNAL__AT__FAULT;
    case REPRISE__EVENT__BODY_FETCH: /* the same instruction once more */
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return false;
}

/* Owns what it means that a request for a stopped task fails. */
#include "recorder/task_control.h"

static bool came_through(struct recorder *r, const struct task *t, int err)
{
    if (err < 0)
        task_lost(r, t, err);
    return err == 0;
}

bool task_get_regs(struct recorder *r, const struct task *t, struct user_regs_struct *ret)
{
    return came_through(r, t, tracee_get_regs(t->tid, ret));
}

bool task_set_regs(struct recorder *r, const struct task *t, const struct user_regs_struct *regs)
{
    return came_through(r, t, tracee_set_regs(t->tid, regs));
}

bool task_event_message(struct recorder *r, const struct task *t, unsigned long *ret)
{
    return came_through(r, t, tracee_event_message(t->tid, ret));
}

/* Owns the look at tasks that stand still; changes nothing. */
#include "replayer/inspect.h"

#include "replayer/call_sites.h"
#include "replayer/task_run.h"

#include <errno.h>

bool replay_next_task(const struct replayer *r, size_t *pos, struct replay_task *ret)
{
    const struct rtask *t = map64_next(&r->tasks, pos);
    if (t == NULL)
        return false;
    *ret = (struct replay_task){.serial = t->serial,
                                .pid = t->recorded_pid,
                                .name = t->name,
                                .in_call = t->in_call,
                                .process = t->pid};
    return true;
}

static struct rtask *find(struct replayer *r, uint32_t serial, struct err *err)
{
    struct rtask *t = rtask_find(r, serial);
    r->err = err;
    if (t != NULL && t->pid != 0)
        return t;
    err_set(err, ESRCH, "task %u of the replay has no process", serial);
    return NULL;
}

int replay_get_regs(struct replayer *r, uint32_t serial, struct user_regs_struct *ret,
                    struct err *err)
{
    struct rtask *t = find(r, serial, err);
    const struct user_regs_struct *regs = t != NULL ? rtask_regs(r, t) : NULL;
    if (regs == NULL)
        return t == NULL ? -ESRCH : -r->err->code;
    *ret = *regs;
    return 0;
}

long replay_read(struct replayer *r, uint32_t serial, uint64_t addr, void *buf, size_t len,
                 struct err *err)
{
    struct rtask *t = find(r, serial, err);
    if (t == NULL)
        return -ESRCH;
    long n = tracee_read(t->pid, addr, buf, len);
    if (n > 0)
        call_sites_undo(t, addr, buf, (uint64_t)n);
    return n;
}

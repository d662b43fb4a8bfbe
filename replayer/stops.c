/* Owns the int3s of a session's stops, and what was told of them. */
#include "replayer/stops.h"

#include "replayer/call_sites.h"
#include "replayer/task_memory.h"
#include "replayer/task_run.h"

#include <errno.h>
#include <stdlib.h>

int stops_begin(struct replayer *r, const struct replay_until *until)
{
    r->until = until;
    r->stops_in = until->n_stops > 0 ? calloc(until->n_stops, sizeof *r->stops_in) : NULL;
    return until->n_stops > 0 && r->stops_in == NULL ? err_sys(r->err, ENOMEM, "cannot replay") : 0;
}

void stops_end(struct replayer *r)
{
    free(r->stops_in);
    r->stops_in = NULL;
    r->until = NULL;
}

static bool is_for(const struct replay_stop *s, const struct rtask *t)
{
    return s->task == 0 || s->task == t->serial;
}

static int tell(struct replayer *r, struct rtask *t, size_t stop)
{
    t->is_told = true;
    r->halt = (struct replay_halt){.why = REPLAY_AT_STOP, .task = t->serial, .stop = stop};
    return 1;
}

int stops_before(struct replayer *r, struct rtask *t)
{
    int err = call_sites_give_up(r, t);
    const struct user_regs_struct *regs = err == 0 ? rtask_regs(r, t) : NULL;
    if (regs == NULL)
        return err < 0 ? err : -r->err->code;
    for (size_t i = 0; i < r->until->n_stops; i++) {
        const struct replay_stop *s = &r->until->stops[i];
        if (!is_for(s, t) || s->addr != regs_ip(regs))
            continue;
        if (!t->is_told)
            return tell(r, t, i) > 0 ? STOPS_HALT : 0;
        t->is_told = false;
        return STOPS_STEP;
    }
    t->is_told = false;
    return STOPS_RUN;
}

int stops_insert(struct replayer *r, struct rtask *t)
{
    for (size_t i = 0; i < r->until->n_stops; i++) {
        const struct replay_stop *s = &r->until->stops[i];
        int err = 0;
        if (is_for(s, t) && !is_ours(s->addr, 1))
            err = task_memory_stop_at(r, t->pid, CODE_STOP_INT3, s->addr, &r->stops_in[i]);
        if (err < 0 && err != -EFAULT && err != -EIO)
            return err;
    }
    return 0;
}

/* The last one first: there may be several at one place. */
int stops_remove(struct replayer *r, struct rtask *t)
{
    int err = 0;
    for (size_t i = r->until->n_stops; i-- > 0;) {
        int one = code_stop_clear(t->pid, &r->stops_in[i]);
        err = err < 0 ? err : one;
    }
    return err;
}

int stops_are_met(struct replayer *r, struct rtask *t, struct stop stop)
{
    if (stop.kind != STOP_SIGNAL || stop.signo != SIGTRAP)
        return 0;
    siginfo_t info;
    int err = tracee_get_siginfo(t->pid, &info);
    if (err < 0)
        return err_sys(r->err, -err, "cannot look at replayed task %u", t->serial);
    t->regs_known = false;
    struct user_regs_struct *regs = rtask_regs(r, t);
    if (regs == NULL)
        return -r->err->code;
    for (size_t i = 0; i < r->until->n_stops; i++) {
        const struct replay_stop *s = &r->until->stops[i];
        const struct code_stop met = {.kind = CODE_STOP_INT3, .addr = s->addr};
        if (!is_for(s, t) || !code_stop_is_hit(&met, &info, regs))
            continue;
        err = tracee_set_reg(t->pid, REGS_IP, regs_ip(regs));
        return err < 0 ? err_sys(r->err, -err, "cannot stop replayed task %u", t->serial)
                       : tell(r, t, i);
    }
    return 0;
}

/* Owns the way of a replayed task to a preemption point: by a check inside the task where that can
 * be, else by a breakpoint of the CPU, which costs a stop at each arrival. */
#include "replayer/arrive.h"

#include "replayer/check_patch.h"
#include "replayer/point_state.h"
#include "replayer/task_run.h"
#include "task/stop.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#define DR(i) ((offsetof(struct user, u_debugreg) / sizeof(uint64_t)) + (i))

enum met {
    MET_NOTHING,
    MET_POINT,
    MET_CHECK_FAULT,
    MET_GUARD, /* it writes to the code in which the check stands */
    MET_OTHER,
};

struct way {
    struct point *pt;
    struct check_patch patch;
    char what[64];      /* was met */
    unsigned guarded;   /* times that the program wrote to the code */
    uint64_t try_again; /* with the check, at so many arrivals */
};

/* Code that is changed in each round of a loop is cheaper with the breakpoint, code that is changed
 * now and then with the check: both get their turn. */
#define GUARDED_MAX 200
#define BREAKPOINTS 8192u

/* Stops before the instruction, and changes no byte of the program. */
static int set_breakpoint(struct way *way, bool on)
{
    struct point *pt = way->pt;
    int err = tracee_set_reg(pt->t->pid, DR(0), on ? pt->want.rip : 0);
    if (err == 0)
        err = tracee_set_reg(pt->t->pid, DR(7), on ? 1 : 0);
    return err < 0 ? err_sys(pt->r->err, -err, "cannot set a breakpoint in replayed task %u",
                             pt->t->serial)
                   : 0;
}

/* What a fault or trap means; then rip is the program's own. */
static enum met meaning_of(const struct way *way, struct rtask *t)
{
    switch (check_patch_meaning(&way->patch, t->regs.rip, (uint64_t *)&t->regs.rip)) {
    case CHECK_MET_EQUAL:
        return MET_POINT;
    case CHECK_MET_FAULT:
        return MET_CHECK_FAULT;
    case CHECK_MET_MIDST:
        return tracee_set_reg(t->pid, REG_INDEX(rip), t->regs.rip) == 0 ? MET_NOTHING : MET_OTHER;
    case CHECK_MET_NOTHING:
        break;
    }
    if (t->fault.si_signo == SIGTRAP && t->fault.si_code == TRAP_HWBKPT &&
        t->regs.rip == way->pt->want.rip)
        return MET_POINT;
    if (t->fault.si_signo == SIGSEGV && t->fault.si_code == SEGV_ACCERR &&
        code_guard_stops(&way->patch.guard, (uint64_t)t->fault.si_addr))
        return MET_GUARD;
    if (t->fault.si_signo == SIGSEGV && t->fault.si_code == SEGV_MAPERR &&
        rtask_grow_stack(way->pt->r, t, (uint64_t)t->fault.si_addr))
        return MET_NOTHING;
    return MET_OTHER;
}

static int look_at_signal(struct way *way, int signo, enum met *ret)
{
    struct replayer *r = way->pt->r;
    struct rtask *t = way->pt->t;
    t->regs_known = false;
    int err = tracee_get_siginfo(t->pid, &t->fault);
    if (err < 0)
        return err_sys(r->err, -err, "cannot look at replayed task %u", t->serial);
    if (t->fault.si_code <= 0)
        return 0; /* of the outside world: not for the replayed task */
    if (rtask_regs(r, t) == NULL)
        return -ESRCH;
    snprintf(way->what, sizeof way->what, "signal %d", signo);
    *ret = meaning_of(way, t);
    return 0;
}

static int look_at_stop(struct way *way, struct stop stop, enum met *ret)
{
    struct replayer *r = way->pt->r;
    struct rtask *t = way->pt->t;
    switch (stop.kind) {
    case STOP_EXITED:
    case STOP_KILLED:
        t->pid = 0;
        return err_set(r->err, ECHILD, "replayed task %u was killed from outside", t->serial);
    case STOP_SYSCALL:
    case STOP_SECCOMP:
        t->regs_known = false;
        if (rtask_regs(r, t) == NULL)
            return -ESRCH;
        snprintf(way->what, sizeof way->what, "syscall %lld", (long long)t->regs.orig_rax);
        *ret = MET_OTHER;
        return 0;
    case STOP_SIGNAL:
        return look_at_signal(way, stop.signo, ret);
    case STOP_GROUP:
    case STOP_TRAP:
    case STOP_FORK:
    case STOP_VFORK_DONE:
    case STOP_EXEC:
    case STOP_EXIT:
        break;
    }
    return 0;
}

static int run(struct way *way, enum met *ret)
{
    struct rtask *t = way->pt->t;
    for (*ret = MET_NOTHING; *ret == MET_NOTHING;) {
        int status;
        int err = tracee_resume(t->pid, TRACEE_SYSEMU, 0);
        if (err == 0)
            err = tracee_wait(t->pid, &status);
        if (err < 0)
            return err_sys(way->pt->r->err, -err, "cannot run replayed task %u", t->serial);
        err = look_at_stop(way, stop_decode(status), ret);
        if (err < 0)
            return err;
    }
    return 0;
}

/* ---- with the check, or with the breakpoint ---- */

static int begin(struct way *way)
{
    int patched = way->guarded < GUARDED_MAX ? check_patch_install(&way->patch, way->pt) : 0;
    return patched != 0 ? (patched < 0 ? patched : 0) : set_breakpoint(way, true);
}

/* The task stands where the program stands, with nothing of ours in it. */
static int end(struct way *way)
{
    bool patched = way->patch.installed;
    int err = patched ? check_patch_remove(&way->patch, way->pt) : set_breakpoint(way, false);
    return err;
}

static int change_to_breakpoint(struct way *way)
{
    way->guarded = GUARDED_MAX;
    way->try_again = UINT64_MAX;
    int err = end(way);
    if (err == 0)
        err = rtask_leave(way->pt->r, way->pt->t);
    return err < 0 ? err : begin(way);
}

/* One instruction without a check. */
static int step_over(struct way *way)
{
    int err = end(way);
    if (err == 0)
        err = rtask_leave(way->pt->r, way->pt->t);
    if (err == 0)
        err = rtask_step(way->pt->r, way->pt->t);
    return err < 0 ? err : begin(way);
}

/* Whether the point is reached. What guards the code must not be seen by the comparison. */
static int look(struct way *way)
{
    struct user_regs_struct regs = way->pt->t->regs;
    bool guarded = code_guard_is_closed(&way->patch.guard);
    if (guarded && way->pt->flags_are_dead)
        regs.eflags = way->pt->want.eflags;
    int may_be = guarded ? point_may_be_reached(way->pt, &regs) : 1;
    if (may_be <= 0) /* the check may stay where it is */
        return may_be;
    int err = guarded ? end(way) : 0;
    int reached = err < 0 ? err : point_is_reached(way->pt, &regs);
    if (reached > 0) /* dead flags may differ */
        way->pt->t->regs.eflags = way->pt->want.eflags;
    if (reached != 0 || !guarded)
        return reached;
    err = rtask_leave(way->pt->r, way->pt->t);
    if (err == 0)
        err = rtask_step(way->pt->r, way->pt->t);
    return err < 0 ? err : begin(way);
}

/* The code may have been written since: then the check fits now. */
static int maybe_try_again(struct way *way)
{
    if (way->patch.installed || way->pt->arrivals < way->try_again)
        return 0;
    uint64_t more = 8 * way->pt->arrivals;
    way->try_again = way->pt->arrivals + (more < BREAKPOINTS ? more : BREAKPOINTS);
    way->guarded = 0;
    return step_over(way);
}

static int check_what_was_learned(struct way *way)
{
    bool stale = way->patch.installed && way->pt->has_learned;
    way->pt->has_learned = false;
    return stale ? step_over(way) : 0;
}

static int at_guard(struct way *way)
{
    if (++way->guarded == GUARDED_MAX)
        way->try_again = way->pt->arrivals + BREAKPOINTS;
    return step_over(way);
}

static int run_to_point(struct way *way)
{
    int reached = 0;
    while (reached == 0) {
        enum met met;
        int err = run(way, &met);
        if (err == 0 && met == MET_OTHER)
            err = end(way) < 0 ? -ESRCH : point_missed(way->pt, way->what);
        else if (err == 0 && met == MET_CHECK_FAULT)
            err = change_to_breakpoint(way);
        else if (err == 0 && met == MET_GUARD)
            err = at_guard(way);
        else if (err == 0)
            reached = look(way);
        if (err == 0 && met == MET_POINT && reached == 0)
            err = maybe_try_again(way);
        if (err == 0 && met == MET_POINT && reached == 0)
            err = check_what_was_learned(way);
        if (err < 0)
            return err;
    }
    return reached < 0 ? reached : 0;
}

static int go(struct way *way)
{
    int err = begin(way);
    if (err == 0)
        err = run_to_point(way);
    return err < 0 ? err : end(way);
}

int arrive_at_point(struct replayer *r, struct rtask *t, const Reprise__Preemption *p)
{
    struct point pt;
    struct way way = {.pt = &pt, .try_again = 64};
    int err = point_init(&pt, r, t, p);
    if (err == 0)
        err = go(&way);
    point_done(&pt);
    return err < 0 ? err : rtask_leave(r, t);
}

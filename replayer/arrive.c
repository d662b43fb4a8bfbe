/* Owns the way of a replayed task to a preemption point: by a check inside the task where that can
 * be, else by a watch that costs a stop at each arrival. */
#include "replayer/arrive.h"

#include "replayer/arrive_watch.h"
#include "replayer/check_patch.h"
#include "replayer/patience.h"
#include "replayer/point_state.h"
#include "replayer/stops.h"
#include "replayer/task_run.h"
#include "task/stop.h"

#include <errno.h>
#include <stdio.h>

enum met {
    MET_NOTHING,
    MET_POINT,
    MET_CHECK_FAULT,
    MET_GUARD, /* it writes to the code in which the check stands, or the watch */
    MET_STOP,  /* of the session */
    MET_OTHER,
};

struct way {
    struct point *pt;
    struct check_patch patch;
    struct arrive_watch watch; /* unless the patch is there */
    struct patience patience;
    char what[64];      /* was met */
    bool no_check;      /* its first look faulted */
    unsigned guarded;   /* times that the program wrote to the code */
    uint64_t try_again; /* with the check, at so many arrivals ... */
    uint64_t max_steps; /* ... or after so many steps in the page */
};

/* Code that is changed in each round of a loop is cheaper without a guard, code that is changed now
 * and then with it: both get their turn. */
#define GUARDED_MAX 200
#define UNGUARDED   8192u  /* arrivals */
#define PAGE_STEPS  20000u /* steps, where each instruction is one */

/* What a fault or trap means to the check; then the instruction pointer is the program's own. */
static enum met meaning_to_check(const struct way *way, struct rtask *t)
{
    uint64_t ip;
    enum check_met met = check_patch_meaning(&way->patch, regs_ip(&t->regs), &ip);
    regs_set_ip(&t->regs, ip);
    switch (met) {
    case CHECK_MET_EQUAL:
        return MET_POINT;
    case CHECK_MET_FAULT:
        return MET_CHECK_FAULT;
    case CHECK_MET_MIDST:
        return tracee_set_reg(t->pid, REGS_IP, regs_ip(&t->regs)) == 0 ? MET_NOTHING : MET_OTHER;
    case CHECK_MET_NOTHING:
        break;
    }
    bool guards = t->fault.si_signo == SIGSEGV && t->fault.si_code == SEGV_ACCERR &&
                  code_guard_stops(&way->patch.guard, (uint64_t)t->fault.si_addr);
    return guards ? MET_GUARD : MET_OTHER;
}

static int meaning_of(struct way *way, struct rtask *t, enum met *ret)
{
    static const enum met mets[] = {
        [WATCH_MET_ELSE] = MET_OTHER,
        [WATCH_MET_POINT] = MET_POINT,
        [WATCH_MET_WRITE] = MET_GUARD,
        [WATCH_MET_SELF] = MET_NOTHING,
    };
    int watched = WATCH_MET_ELSE;
    if (way->patch.installed)
        *ret = meaning_to_check(way, t);
    else if ((watched = arrive_watch_meaning(&way->watch, way->pt)) >= 0)
        *ret = mets[watched];
    if (watched == WATCH_MET_ELSE && *ret == MET_OTHER && t->fault.si_signo == SIGSEGV &&
        t->fault.si_code == SEGV_MAPERR &&
        rtask_grow_stack(way->pt->r, t, (uint64_t)t->fault.si_addr))
        *ret = MET_NOTHING;
    return watched < 0 ? watched : 0;
}

static int look_at_signal(struct way *way, struct stop stop, enum met *ret)
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
    snprintf(way->what, sizeof way->what, "signal %d", stop.signo);
    int err_or_met = stops_are_there(r) ? stops_are_met(r, t, stop) : 0;
    if (err_or_met > 0) {
        *ret = regs_ip(&t->regs) == regs_ip(&way->pt->want) ? MET_POINT : MET_STOP;
        return 0;
    }
    return err_or_met < 0 ? err_or_met : meaning_of(way, t, ret);
}

static int look_at_stop(struct way *way, struct stop stop, enum met *ret)
{
    struct replayer *r = way->pt->r;
    struct rtask *t = way->pt->t;
    switch (stop.kind) {
    case STOP_EXITED:
    case STOP_KILLED:
        return task_has_ended(r, t->pid, stop);
    case STOP_SYSCALL:
    case STOP_SECCOMP:
        t->regs_known = false;
        if (rtask_regs(r, t) == NULL)
            return -ESRCH;
        snprintf(way->what, sizeof way->what, "syscall %lld", (long long)regs_number(&t->regs));
        *ret = MET_OTHER;
        return 0;
    case STOP_SIGNAL:
        return look_at_signal(way, stop, ret);
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

/* Of code that is only now and then written a guard is cheaper. */
static bool is_tired_of_page(const struct way *way)
{
    return way->watch.kind == WATCH_PAGE && way->watch.n_steps >= way->max_steps;
}

/* It is stopped anywhere, and would never be there. */
static int lose_patience(struct way *way)
{
    struct rtask *t = way->pt->t;
    t->regs_known = false;
    if (rtask_regs(way->pt->r, t) == NULL)
        return -ESRCH;
    if (way->patch.installed) /* it may stand in what is ours */
        regs_set_ip(&t->regs, regs_ip(&way->pt->want));
    snprintf(way->what, sizeof way->what, "no end in %llu s of processor time",
             (unsigned long long)patience_used_s(&way->patience));
    return point_missed(way->pt, way->what);
}

/* MET_NOTHING: it stands anywhere, and should be seen in another way. */
static int run(struct way *way, enum met *ret)
{
    struct replayer *r = way->pt->r;
    struct rtask *t = way->pt->t;
    for (*ret = MET_NOTHING; *ret == MET_NOTHING && !is_tired_of_page(way);) {
        int status;
        int err = budget_look(r);
        if (err == 0 && stops_are_there(r))
            err = stops_insert(r, t);
        if (err == 0)
            err = arrive_watch_resume(&way->watch, way->pt);
        if (err == 0)
            err = patience_wait(&way->patience, !way->patch.installed, &status);
        if (stops_are_there(r) && err == 0)
            err = stops_remove(r, t);
        if (err == -ETIME)
            return lose_patience(way);
        if (err < 0)
            return err_sys(r->err, -err, "cannot run replayed task %u", t->serial);
        err = look_at_stop(way, stop_decode(status), ret);
        if (err < 0)
            return err;
    }
    return 0;
}

/* ---- with the check, or with the watch ---- */

static int begin(struct way *way)
{
    bool tries = !way->no_check && way->guarded < GUARDED_MAX && !stops_are_there(way->pt->r);
    int patched = tries ? check_patch_install(&way->patch, way->pt) : 0;
    way->max_steps = way->watch.n_steps + PAGE_STEPS;
    if (patched == 0)
        return arrive_watch_begin(&way->watch, way->pt, way->guarded >= GUARDED_MAX);
    return patched < 0 ? patched : 0;
}

/* The task stands where the program stands, with nothing of ours in it. */
static int end(struct way *way)
{
    return way->patch.installed ? check_patch_remove(&way->patch, way->pt)
                                : arrive_watch_end(&way->watch, way->pt);
}

/* The same way or another, from the same place. */
static int begin_again(struct way *way)
{
    int err = end(way);
    if (err == 0)
        err = rtask_leave(way->pt->r, way->pt->t);
    return err < 0 ? err : begin(way);
}

/* One instruction without a check, which is none that enters the kernel. */
static int step_over(struct way *way)
{
    int err = end(way);
    if (err == 0)
        err = rtask_leave(way->pt->r, way->pt->t);
    if (err == 0)
        err = rtask_step(way->pt->r, way->pt->t);
    return err < 0 ? err : begin(way);
}

static bool is_guarded(const struct way *way)
{
    return code_guard_is_closed(way->patch.installed ? &way->patch.guard : &way->watch.guard);
}

/* On from a state that is not the point's, at its address. */
static int go_on(struct way *way, bool by_check)
{
    if (by_check)
        return step_over(way);
    int err = begin(way);
    return err < 0 || way->patch.installed ? err : arrive_watch_pass(&way->watch, way->pt);
}

/* Whether the point is reached. What guards the code must not be seen by the comparison. */
static int look(struct way *way)
{
    struct user_regs_struct regs = way->pt->t->regs;
    bool guarded = is_guarded(way), by_check = way->patch.installed;
    int err = by_check ? 0 : arrive_watch_pass(&way->watch, way->pt);
    if (guarded && way->pt->flags_are_dead)
        regs_set_flags(&regs, regs_flags(&way->pt->want));
    int may_be = err == 0 && guarded ? point_may_be_reached(way->pt, &regs) : 1;
    if (err < 0 || may_be <= 0) /* the check may stay where it is */
        return err < 0 ? err : may_be;
    err = guarded ? end(way) : 0;
    int reached = err < 0 ? err : point_is_reached(way->pt, &regs);
    if (reached > 0) /* dead flags may differ */
        regs_set_flags(&way->pt->t->regs, regs_flags(&way->pt->want));
    return reached != 0 || !guarded ? reached : go_on(way, by_check);
}

/* The code may have been written since: then the check fits now. */
static int maybe_try_again(struct way *way)
{
    if (way->patch.installed || way->pt->arrivals < way->try_again)
        return 0;
    uint64_t more = 8 * way->pt->arrivals;
    way->try_again = way->pt->arrivals + (more < UNGUARDED ? more : UNGUARDED);
    way->guarded = 0;
    return begin_again(way);
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
        way->try_again = way->pt->arrivals + UNGUARDED;
    return step_over(way);
}

#define HALTED 2 /* at a stop of the session */

/* At the point's address a stop of the session may have been met by its own int3, or not, since
 * what watches the point came first. */
static bool is_at_stop(struct replayer *r, struct rtask *t)
{
    return t->is_told || stops_before(r, t) == STOPS_HALT;
}

/* Whether the point is reached, HALTED, or -errno noted in the replayer's err. */
static int take(struct way *way, enum met met)
{
    struct replayer *r = way->pt->r;
    int reached, err = 0;
    switch (met) {
    case MET_STOP:
        return HALTED;
    case MET_NOTHING:
        way->guarded = 0;
        return begin_again(way);
    case MET_POINT:
        reached = look(way);
        if (reached == 0 && stops_are_there(r) && is_at_stop(r, way->pt->t))
            return HALTED;
        err = reached == 0 ? maybe_try_again(way) : 0;
        if (err == 0 && reached == 0)
            err = check_what_was_learned(way);
        return err < 0 ? err : reached;
    case MET_CHECK_FAULT:
        way->no_check = true;
        return begin_again(way);
    case MET_GUARD:
        return at_guard(way);
    case MET_OTHER:
        break;
    }
    err = point_missed(way->pt, way->what); /* whatever becomes of it */
    (void)end(way);
    return err;
}

static int run_to_point(struct way *way)
{
    int reached = 0;
    while (reached == 0) {
        enum met met;
        int err = run(way, &met);
        reached = err < 0 ? err : take(way, met);
    }
    return reached;
}

static int go(struct way *way)
{
    int err = begin(way);
    int reached = err < 0 ? err : run_to_point(way);
    if (reached >= 0)
        err = end(way);
    return err < 0 ? err : reached;
}

/* Past the stop at which it stands, and of which the session was told. */
static int leave_stop(struct replayer *r, struct rtask *t)
{
    int how = stops_are_there(r) ? stops_before(r, t) : STOPS_RUN;
    if (how == STOPS_HALT)
        return HALTED;
    return how == STOPS_STEP ? rtask_step(r, t) : how < 0 ? how : 0;
}

int arrive_at_point(struct replayer *r, struct rtask *t, const Reprise__Preemption *p)
{
    struct point pt;
    struct way way = {.pt = &pt, .try_again = 64};
    int reached = leave_stop(r, t);
    if (reached != 0)
        return reached < 0 ? reached : 1;
    patience_begin(r, t, &way.patience);
    int err = point_init(&pt, r, t, p);
    reached = err < 0 ? err : go(&way);
    point_done(&pt);
    return reached < 0 ? reached : reached == HALTED ? 1 : rtask_leave(r, t);
}

int arrive_is_there(struct replayer *r, struct rtask *t, const Reprise__Preemption *p)
{
    struct point pt;
    int err = point_init(&pt, r, t, p);
    const struct user_regs_struct *regs = err == 0 ? rtask_regs(r, t) : NULL;
    int reached = regs == NULL ? (err < 0 ? err : -r->err->code) : 0;
    if (regs != NULL && regs_ip(regs) == regs_ip(&pt.want))
        reached = point_is_reached(&pt, regs);
    point_done(&pt);
    return reached;
}

/* How the arrivals of a task at a preemption point are seen where no check can stand in its code
 * (check_patch.h): each arrival is a stop.
 *
 *   a register   a breakpoint register of the CPU; no byte changes. Where those do not hit:
 *   an int3      in the place of the instruction's first byte, under a guard if the code could be
 *                changed or seen elsewhere. To pass it, it is lifted for one step.
 *   the writes   the code is not the point's, so the point cannot be reached before it is written:
 *                the guard is closed, and tells that.
 *   the page     where no guard can be: the page is not executable, so that the task stops as it
 *                enters. Within the page it is stepped. */
#ifndef REPRISE_REPLAYER_ARRIVE_WATCH_H
#define REPRISE_REPLAYER_ARRIVE_WATCH_H

#include "replayer/code_guard.h"
#include "replayer/point_state.h"
#include "task/code_stop.h"

enum watch_kind { WATCH_NOTHING, WATCH_REGISTER, WATCH_INT3, WATCH_WRITES, WATCH_PAGE };

struct arrive_watch {
    enum watch_kind kind;
    bool steps; /* the task has to be stepped now, with nothing of ours in its way */
    struct code_stop stop;
    struct code_guard guard;
    struct guard_range page; /* that is not executable, or would not be if `steps` were not */
    uint64_t stepped_from;   /* rip before the present step ... */
    uint64_t stack_before;   /* ... and rsp */
    uint64_t n_steps;        /* in the page, so far */
};

/* Begins to watch the stopped task; by_page: rather by that, if there is no register. If the code
 * cannot be executed at all nothing is watched. 0, or -errno noted in the replayer's err. */
int arrive_watch_begin(struct arrive_watch *w, struct point *pt, bool by_page);
/* The task's memory is as it was. 0, or -errno noted in the replayer's err. */
int arrive_watch_end(struct arrive_watch *w, struct point *pt);

/* Lets the task run, or step if it has to. 0 or -errno. */
int arrive_watch_resume(struct arrive_watch *w, const struct point *pt);
/* The task stands at the point, and no int3 shall be there: until it has been stepped. 0, or -errno
 * noted in the replayer's err. */
int arrive_watch_pass(struct arrive_watch *w, struct point *pt);

enum watch_met {
    WATCH_MET_ELSE,  /* a fault that the watch has nothing to do with */
    WATCH_MET_POINT, /* the task is at the point */
    WATCH_MET_WRITE, /* it is about to write to guarded code */
    WATCH_MET_SELF,  /* something of the watch's own: it may run on */
};
/* What the fault or trap means at which the task stands, by its siginfo and registers; rip may be
 * put back. WATCH_MET_* or -errno noted in the replayer's err. */
int arrive_watch_meaning(struct arrive_watch *w, struct point *pt);

#endif

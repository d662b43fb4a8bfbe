/* Owns the life of a replay: the walk over all events in their order, and where it pauses. */
#include "replayer/replayer.h"

#include "replayer/apply.h"
#include "replayer/batch.h"
#include "replayer/blame.h"
#include "replayer/blob_files.h"
#include "replayer/code_files.h"
#include "replayer/memory_files.h"
#include "replayer/replay_state.h"
#include "replayer/stops.h"
#include "replayer/task_run.h"
#include "replayer/verdict.h"
#include "replayer/zygote.h"
#include "task/cpu.h"
#include "task/cpu_guard.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Replayer and tasks take turns: on one core a turn costs a tenth. */
static bool pin_to(int cpu)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return false;
    CPU_SET((size_t)cpu, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
}

/* The core of the recording, where there is one of that number: LSL tells it to the program. */
static void pin(const struct replayer *r)
{
    const Reprise__Header *h = trace_reader_header(r->trace);
    int recorded = h != NULL && h->cpu_detail != NULL ? (int)h->cpu_detail->core - 1 : -1;
    if (!pin_to(recorded))
        (void)pin_to(sched_getcpu());
}

/* A replay keeps memory files open, whatever the recording did. */
static void lift_file_limit(struct replayer *r)
{
    struct rlimit files = {0};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    r->copies_end = files.rlim_max < INT_MAX ? (int)files.rlim_max / 2 : INT_MAX;
}

/* Replays an event, or leaves it in the batch to be answered together with those that follow. 1: a
 * task has met a stop on the way, and the event is still to come. */
static int replay_event(struct replayer *r, const struct trace_event *event)
{
    bool taken = !stops_are_there(r) && batch_take(r, event);
    trace_cursor_hold(r->cursor, taken);
    int err = 0;
    if (!taken) {
        err = batch_run(r, event);
        r->at = *event;
        if (err == 0)
            err = apply_event(r);
    }
    if (err != 0)
        return err;
    r->result.time_ns = event->event->time;
    r->result.events++;
    return r->is_broken ? -EPERM : 0;
}

/* The event that comes next, which a step before this one may have met already. 1, 0 at the end, or
 * -errno. */
static int look_ahead(struct replayer *r)
{
    if (!r->has_next) {
        int got = trace_cursor_next(r->cursor, &r->next, r->err);
        if (got <= 0)
            return got;
        r->has_next = true;
    }
    return 1;
}

/* Lets the tasks come to where the last event was. */
static int flush(struct replayer *r)
{
    int err = batch_run(r, NULL);
    trace_cursor_hold(r->cursor, false);
    return err;
}

static int walk(struct replayer *r)
{
    const struct replay_until *until = r->until;
    for (;;) {
        r->halt = (struct replay_halt){.why = REPLAY_AT_EVENTS};
        if (r->result.events >= until->events)
            return flush(r);
        int got = look_ahead(r);
        r->halt.why = got == 0 ? REPLAY_AT_END : REPLAY_AT_TIME;
        if (got <= 0 || r->next.event->time > until->time_ns) {
            int err = flush(r);
            return err < 0 ? err : got < 0 ? got : 0;
        }
        int stopped = replay_event(r, &r->next);
        r->has_next = stopped > 0;
        if (stopped != 0)
            return stopped < 0 ? stopped : 0;
    }
}

/* A recording that was given up may have seen the program's end, and leave others that it started.
 */
static bool program_has_ended(const struct replayer *r)
{
    size_t pos = 0;
    for (const struct rtask *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (t->recorded_pid == r->first_pid)
            return false;
    return !r->first_left;
}

/* How the program ended, as far as the trace tells. */
static void note_end(struct replayer *r)
{
    const Reprise__Summary *summary = trace_reader_summary(r->trace);
    r->result.torn = summary == NULL || (summary->incomplete && !program_has_ended(r));
    if (summary != NULL) /* a leader may exit before its process does */
        r->result.status = summary->status;
}

int replay_step(struct replayer *r, const struct replay_until *until, struct replay_halt *ret,
                struct err *err)
{
    struct cpu_guard guard = {0};
    r->err = err;
    cpu_guard_enter(&guard, r->options->machine);
    int e = stops_begin(r, until);
    if (e == 0)
        e = walk(r);
    stops_end(r);
    cpu_guard_leave(&guard);
    *ret = r->halt;
    if (r->is_broken)
        e = -r->err->code; /* whatever was made of it on the way */
    if (e == 0 && r->halt.why != REPLAY_AT_END)
        return 0;
    e = verdict_on_trace(r->trace, &r->result, e, err);
    note_end(r);
    if (e < 0)
        blame_machines(r->options, err);
    return e;
}

const struct replayer_result *replay_result(const struct replayer *r)
{
    return &r->result;
}

static int open_all(struct replayer *r)
{
    int err = trace_cursor_open(r->trace, TRACE_ALL_STREAMS, &r->cursor, r->err);
    if (err < 0)
        return err;
    r->has_affinity = sched_getaffinity(0, sizeof r->affinity, &r->affinity) == 0;
    pin(r);
    lift_file_limit(r);
    struct cpu_guard guard = {0};
    cpu_guard_enter(&guard, r->options->machine);
    err = batch_open(r);
    if (err == 0)
        err = zygote_start(r);
    cpu_guard_leave(&guard);
    if (err < 0)
        err_sys(r->err, -err, "cannot make a process for replay (is ptrace forbidden here?)");
    return err;
}

int replay_open(const struct replayer_options *options, struct replayer **ret, struct err *err)
{
    int e = replayer_can_replay(options->trace, err);
    if (e < 0)
        return e;
    struct replayer *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_sys(err, ENOMEM, "cannot replay");
    *r = (struct replayer){.options = options, .trace = options->trace, .channel = -1, .err = err};
    e = open_all(r);
    if (e < 0) {
        replay_close(r);
        return e;
    }
    *ret = r;
    return 0;
}

void replay_close(struct replayer *r)
{
    if (r == NULL)
        return;
    size_t pos = 0;
    for (struct rtask *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        rtask_free(r, t);
    map64_done(&r->tasks);
    pos = 0;
    for (struct unborn *u; (u = map64_next(&r->unborn, &pos)) != NULL;)
        unborn_free(u);
    map64_done(&r->unborn);
    zygote_end(r);
    batch_close(r);
    code_files_done(r);
    blob_files_done(r);
    memory_files_done(r);
    buf_done(&r->xstate);
    trace_cursor_free(r->cursor);
    if (r->has_affinity)
        (void)sched_setaffinity(0, sizeof r->affinity, &r->affinity);
    free(r);
}

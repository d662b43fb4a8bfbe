/* Owns the life of a replay: the walk over all events in their order. */
#include "replayer/replayer.h"

#include "replayer/apply.h"
#include "replayer/batch.h"
#include "replayer/blame.h"
#include "replayer/blob_files.h"
#include "replayer/code_files.h"
#include "replayer/memory_files.h"
#include "replayer/replay_state.h"
#include "replayer/task_run.h"
#include "replayer/verdict.h"
#include "replayer/zygote.h"
#include "task/cpu.h"
#include "task/cpu_guard.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <sys/resource.h>

#define PROGRESS_EVERY 2048 /* events */

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

static int replay(struct replayer *r, struct trace_cursor *cursor, const struct trace_event *event)
{
    bool taken = batch_take(r, event);
    trace_cursor_hold(cursor, taken);
    if (taken)
        return 0;
    int err = batch_run(r, event);
    r->at = *event;
    if (err == 0)
        err = budget_look(r);
    if (err == 0)
        err = apply_event(r);
    return err == 0 && r->is_broken ? -EPERM : err;
}

static int walk(struct replayer *r, struct trace_cursor *cursor)
{
    const struct replayer_options *o = r->options;
    for (;;) {
        struct trace_event event;
        int got = trace_cursor_next(cursor, &event, r->err);
        int err = got > 0 ? replay(r, cursor, &event) : batch_run(r, NULL);
        if (err < 0 || got <= 0)
            return err < 0 ? err : got;
        r->result.time_ns = event.event->time;
        if (++r->result.events % PROGRESS_EVERY == 0 && o->progress != NULL)
            o->progress(o->progress_ctx, r->at.event->time, r->result.events);
    }
}

static int guarded_walk(struct replayer *r, struct trace_cursor *cursor)
{
    struct cpu_guard guard = {0};
    int err = pulse_begin(&r->pulse, r->err);
    if (err < 0)
        return err;
    cpu_guard_enter(&guard, r->options->machine);
    err = walk(r, cursor);
    cpu_guard_leave(&guard);
    pulse_end(&r->pulse);
    if (err == -ENOMEM)
        budget_tell(r);
    return r->is_broken ? -r->err->code : err; /* whatever was made of it on the way */
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

static int run(struct replayer *r)
{
    struct trace_cursor *cursor;
    int err = trace_cursor_open(r->trace, TRACE_ALL_STREAMS, &cursor, r->err);
    if (err < 0)
        return err;
    pin(r);
    lift_file_limit(r);
    memory_use_begin(&r->use);
    budget_begin(r);
    err = batch_open(r);
    if (err == 0)
        err = zygote_start(r);
    if (err < 0)
        err_sys(r->err, -err, "cannot make a process for replay (is ptrace forbidden here?)");
    else
        err = guarded_walk(r, cursor);
    trace_cursor_free(cursor);
    return err;
}

static void replayer_done(struct replayer *r)
{
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
    memory_use_done(&r->use);
    budget_end(r);
    buf_done(&r->xstate);
}

int replayer_run(const struct replayer_options *options, struct replayer_result *ret_result,
                 struct err *err)
{
    int e = replayer_can_replay(options->trace, err);
    if (e < 0)
        return e;
    cpu_set_t affinity;
    bool known = sched_getaffinity(0, sizeof affinity, &affinity) == 0;
    struct replayer r = {.options = options, .trace = options->trace, .channel = -1, .err = err};
    e = run(&r);
    e = verdict_on_trace(options->trace, &r.result, e, err);
    const Reprise__Summary *summary = trace_reader_summary(options->trace);
    r.result.torn = summary == NULL || (summary->incomplete && !program_has_ended(&r));
    if (summary != NULL) /* a leader may exit before its process does */
        r.result.status = summary->status;
    replayer_done(&r);
    if (known)
        (void)sched_setaffinity(0, sizeof affinity, &affinity);
    if (e < 0) {
        blame_machines(options, err);
        return e;
    }
    *ret_result = r.result;
    return 0;
}

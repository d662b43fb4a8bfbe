/* Owns the order of rows: which events are rows, where they begin and end. */
#include "export/timeline.h"
#include "base/map64.h"

#include "decode/text_out.h"
#include "decode/trap_text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define MOMENT_NS 1000 /* how wide a moment is drawn, where there is room before it */

struct run {
    const struct export_job *job;
    struct trace_view *view;
    const struct timeline_sink *sink;
    struct links *links;
    struct map64 busy; /* by task: up to when it has had rows, plus 1 */
    uint64_t from;     /* time of the first event of the range */
    uint64_t time;
    bool in_range;
};

static uint64_t busy_until(const struct run *run, const struct walk_task *task)
{
    uint64_t plus_one = (uint64_t)(uintptr_t)map64_get(&run->busy, task->serial);
    return plus_one > 0 ? plus_one - 1 : 0;
}

static int set_busy(struct run *run, const struct walk_task *task, uint64_t until)
{
    if (until <= busy_until(run, task))
        return 0;
    uint64_t plus_one = until < UINT64_MAX ? until + 1 : until;
    return map64_put(&run->busy, task->serial, (void *)(uintptr_t)plus_one);
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- names ---- */

const char *timeline_task_name(const struct walk_task *task)
{
    const struct walk_program *program = task->process->program;
    if (program == NULL || program->path == NULL || task->rank > 0)
        return task->name[0] != '\0' ? task->name : "task";
    /* what people call it, which may be a link to it */
    const char *name =
        program->argc > 0 && program->argv[0][0] != '\0' ? program->argv[0] : program->path;
    const char *slash = strrchr(name, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : name;
}

#define NAME_MAX_BYTES 32

static const char *moment_name(const struct walk_event *event, char scratch[NAME_MAX_BYTES])
{
    const Reprise__Event *e = event->event;
    if (event->kind == REPRISE__EVENT__BODY_SIGNAL) {
        const char *name = sigabbrev_np((int)e->signal->signo);
        if (name != NULL)
            snprintf(scratch, NAME_MAX_BYTES, "SIG%s", name);
        else
            snprintf(scratch, NAME_MAX_BYTES, "signal %u", e->signal->signo);
        return scratch;
    }
    if (event->kind == REPRISE__EVENT__BODY_TRAP)
        return trap_name(e->trap->kind);
    if (event->kind == REPRISE__EVENT__BODY_EXIT)
        return e->exit->detached ? "detached" : WIFSIGNALED(e->exit->status) ? "killed" : "exited";
    return event_kind_info(event->kind)->name;
}

static enum syscall_about moment_class(Reprise__Event__BodyCase kind)
{
    switch (kind) {
    case REPRISE__EVENT__BODY_SIGNAL:
        return ABOUT_SIGNAL;
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY_EXEC:
    case REPRISE__EVENT__BODY_EXIT:
        return ABOUT_PROCESS;
    case REPRISE__EVENT__BODY_SYSCALL:
    case REPRISE__EVENT__BODY_TRAP:
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return ABOUT_OTHER;
}

static int exit_text(const Reprise__Exit *end, struct buf *out)
{
    if (end->detached)
        return text_str(out, "the recording ended before it did");
    if (!WIFSIGNALED(end->status))
        return text_fmt(out, "with %d", WEXITSTATUS(end->status));
    const char *name = sigabbrev_np(WTERMSIG(end->status));
    return name != NULL ? text_fmt(out, "by SIG%s", name)
                        : text_fmt(out, "by signal %d", WTERMSIG(end->status));
}

int timeline_moment_text(const struct trace_view *view, const struct timeline_row *row,
                         struct buf *out)
{
    const Reprise__Event *e = row->event->event;
    const struct call_decoder d = trace_view_decoder(view, row->task);
    switch (row->event->kind) {
    case REPRISE__EVENT__BODY_SIGNAL:
        return call_text_siginfo(&d, e->signal->siginfo.data, e->signal->siginfo.len, out);
    case REPRISE__EVENT__BODY_EXIT:
        return exit_text(e->exit, out);
    case REPRISE__EVENT__BODY_BIRTH:
        return text_fmt(out, "%s %d", row->task->rank > 0 ? "thread" : "process",
                        (int)e->birth->tid);
    case REPRISE__EVENT__BODY_EXEC:
        return text_quoted(out, e->exec->path.data, e->exec->path.len, e->exec->path.len, false,
                           &view->style);
    case REPRISE__EVENT__BODY_TRAP: {
        if (e->trap->kind == REPRISE__TRAP__KIND__CPUID)
            return text_fmt(out, "leaf %#x, subleaf %#x", e->trap->leaf, e->trap->subleaf);
        char result[TRAP_TEXT_MAX];
        trap_result_text(e->trap, result);
        return text_fmt(out, "= %s", result);
    }
    case REPRISE__EVENT__BODY_SYSCALL:
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* ---- rows ---- */

static int give(struct run *run, const struct timeline_row *row)
{
    if (!run->in_range || run->sink->row == NULL)
        return 0;
    return run->sink->row(run->sink->ctx, run->view, row);
}

static int give_call(struct run *run, const struct walk_task *task, const struct walk_call *call,
                     const struct walk_event *event, uint64_t end)
{
    char scratch[CALL_NAME_MAX];
    int errnum;
    struct timeline_row row = {
        /* an exec is an event of its own */
        .number = event != NULL && event->kind == REPRISE__EVENT__BODY_SYSCALL ? event->number
                                                                               : call->entry_number,
        .task = task,
        .name = call_text_name(call, scratch),
        .class = call_class_of(call),
        .start = later(call->start, busy_until(run, task)),
        .unfinished = !call->done,
        .error = call->done && call_is_error(call, &errnum),
        .call = call,
        .event = event,
    };
    row.end = later(row.start, end);
    int r = set_busy(run, task, row.end);
    return r == 0 ? give(run, &row) : r;
}

static int give_moment(struct run *run, const struct walk_event *event)
{
    char scratch[NAME_MAX_BYTES];
    const struct walk_task *task = event->task;
    uint64_t least = busy_until(run, task);
    if (task->in_call)
        least = later(least, task->call.start);
    struct timeline_row row = {
        .number = event->number,
        .task = task,
        .name = moment_name(event, scratch),
        .class = moment_class(event->kind),
        .end = later(event->time, least),
        .is_moment = true,
        .event = event,
    };
    row.start = row.end - least > MOMENT_NS ? row.end - MOMENT_NS : least;
    int r = task->in_call ? 0 : set_busy(run, task, row.end);
    return r == 0 ? give(run, &row) : r;
}

static int give_program(struct run *run, const struct walk_event *event)
{
    return run->sink->program != NULL ? run->sink->program(run->sink->ctx, event->task, event->time)
                                      : 0;
}

static int end_task(struct run *run, const struct walk_event *event)
{
    struct walk_task *task = event->task;
    int r = 0;
    if (task->in_call)
        r = give_call(run, task, &task->call, NULL, event->time);
    if (r == 0 && run->sink->gone != NULL)
        r = run->sink->gone(run->sink->ctx, task, later(event->time, busy_until(run, task)));
    return r;
}

static int take_event(struct run *run, const struct walk_event *event)
{
    bool is_call = event->kind == REPRISE__EVENT__BODY_SYSCALL;
    int r = 0;
    if (event->kind == REPRISE__EVENT__BODY_BIRTH)
        r = give_program(run, event);
    if (r == 0 && event->call != NULL && event->call->done)
        r = give_call(run, event->task, event->call, event, event->time);
    if (r == 0 && event->kind == REPRISE__EVENT__BODY_EXEC)
        r = give_program(run, event);
    if (r == 0 && !is_call)
        r = give_moment(run, event);
    if (r == 0 && event->kind == REPRISE__EVENT__BODY_EXIT)
        r = end_task(run, event);
    return r;
}

/* ---- the whole ---- */

/* Both ends of a link must lie in rows that were given. */
static int take_link(void *ctx, const struct link *link)
{
    struct run *run = ctx;
    if (!run->in_range || link->from.time < run->from || run->sink->link == NULL)
        return 0;
    return run->sink->link(run->sink->ctx, link);
}

static int end_unfinished(struct run *run)
{
    int r = 0;
    for (size_t i = 0; i < trace_walk_task_count(run->view->walk) && r == 0; i++) {
        struct walk_task *task = trace_walk_task(run->view->walk, i);
        if (task->in_call && !task->ended && !task->detached)
            r = give_call(run, task, &task->call, NULL, run->time);
    }
    return r;
}

static int walk(struct run *run, struct export_result *result, struct timeline_end *end,
                struct err *err)
{
    const struct walk_event *event;
    struct err damage = {0};
    int r;
    while ((r = trace_view_next(run->view, &event, &damage)) > 0) {
        if (event->number > run->job->last) {
            end->cut = true;
            break;
        }
        end->events = event->number;
        run->time = event->time;
        if (!run->in_range && event->number >= run->job->first) {
            run->in_range = true;
            run->from = event->time;
        }
        r = links_event(run->links, run->view, event);
        if (r == 0)
            r = take_event(run, event);
        if (r < 0)
            return r;
    }
    if (r == -ENOMEM)
        return err_set(err, ENOMEM, "%s", damage.msg);
    if (r < 0)
        result->damage = damage;
    end->time = run->time;
    return end_unfinished(run);
}

int timeline_run(const struct export_job *job, struct trace_view *view,
                 const struct timeline_sink *sink, struct export_result *result,
                 struct timeline_end *ret, struct err *err)
{
    struct run run = {.job = job, .view = view, .sink = sink};
    struct timeline_end end = {0};
    struct conversations conversations;
    int r = conversations_gather(job->reader, &conversations, err);
    if (r < 0)
        return r;
    r = links_new(&conversations, take_link, &run, &run.links);
    if (r == 0)
        r = walk(&run, result, &end, err);
    links_free(run.links);
    conversations_done(&conversations);
    map64_done(&run.busy);
    if (r == 0)
        *ret = end;
    return r;
}

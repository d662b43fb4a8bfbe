/* Owns the Chrome Trace Event form (JSON), which the Perfetto UI opens. All slices are complete
 * events ("X"), those of a thread properly nested: the program that it executes, within it calls
 * and moments. Times are in microseconds with three decimals, which is exact. */
#include "base/map64.h"
#include "decode/call_io.h"
#include "export/export.h"
#include "export/out.h"
#include "export/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER_NS 1000000 /* a counter is told at most so often */
/* Where the kernel used a number twice, the second user of 123 is shown as 10000123: the form
 * knows processes and threads by their numbers alone. */
#define REUSE_STEP 10000000

struct thread {
    int64_t pid, tid; /* as shown */
    uint64_t begin;   /* of the program that it executes */
    char *name;       /* of that; NULL: it is gone */
};

struct process {
    int64_t pid; /* as shown */
    uint64_t in, out, told_at;
};

struct perfetto {
    const struct export_job *job;
    struct out out;
    struct buf text;
    struct map64 threads, processes; /* by serial and by number */
    struct map64 pids, tids;         /* how often a number has been used */
    uint64_t n_links, alive;
    bool first; /* event of the array */
};

/* ---- events ---- */

static void begin_event(struct perfetto *p, const char *ph, const struct thread *t, uint64_t time)
{
    out_str(&p->out, p->first ? "\n" : ",\n");
    p->first = false;
    out_fmt(&p->out,
            "{\"ph\":\"%s\",\"pid\":%" PRId64 ",\"tid\":%" PRId64 ",\"ts\":%" PRIu64 ".%03u", ph,
            t->pid, t->tid, time / 1000, (unsigned)(time % 1000));
}

static void put_duration(struct perfetto *p, uint64_t ns)
{
    out_fmt(&p->out, ",\"dur\":%" PRIu64 ".%03u", ns / 1000, (unsigned)(ns % 1000));
}

static void put_name(struct perfetto *p, const char *name, const char *category)
{
    out_str(&p->out, ",\"name\":");
    out_json_str(&p->out, name);
    out_fmt(&p->out, ",\"cat\":\"%s\"", category);
}

static void put_counter(struct perfetto *p, int64_t pid, uint64_t time, const char *name,
                        uint64_t value)
{
    begin_event(p, "C", &(struct thread){.pid = pid, .tid = pid}, time);
    out_fmt(&p->out, ",\"name\":\"%s\",\"args\":{\"value\":%" PRIu64 "}}", name, value);
}

static void put_metadata(struct perfetto *p, const struct thread *t, const char *what,
                         const char *key)
{
    begin_event(p, "M", t, 0);
    out_fmt(&p->out, ",\"name\":\"%s\",\"args\":{\"%s\":", what, key);
}

/* ---- processes and threads ---- */

static int64_t number_shown(struct map64 *used, int32_t number)
{
    uint64_t n = (uint64_t)(uintptr_t)map64_get(used, (uint32_t)number);
    if (map64_put(used, (uint32_t)number, (void *)(uintptr_t)(n + 1)) < 0)
        return -ENOMEM;
    return (int64_t)number + (int64_t)n * REUSE_STEP;
}

static struct process *process_of(struct perfetto *p, const struct walk_process *walked)
{
    struct process *process = map64_get(&p->processes, walked->number);
    if (process != NULL)
        return process;
    process = calloc(1, sizeof *process);
    if (process == NULL)
        return NULL;
    process->pid = number_shown(&p->pids, walked->pid);
    if (map64_put(&p->processes, walked->number, process) < 0) {
        free(process);
        return NULL;
    }
    return process;
}

static struct thread *thread_of(struct perfetto *p, const struct walk_task *task)
{
    struct thread *t = map64_get(&p->threads, task->serial);
    if (t != NULL)
        return t;
    struct process *process = process_of(p, task->process);
    t = calloc(1, sizeof *t);
    if (process == NULL || t == NULL || map64_put(&p->threads, task->serial, t) < 0) {
        free(t);
        return NULL;
    }
    t->pid = process->pid;
    t->tid = task->rank == 0 ? t->pid : number_shown(&p->tids, task->tid);
    return t;
}

static void end_program(struct perfetto *p, struct thread *t, uint64_t time)
{
    if (t->name == NULL)
        return;
    begin_event(p, "X", t, t->begin);
    put_duration(p, time > t->begin ? time - t->begin : 0);
    put_name(p, t->name, "program");
    out_str(&p->out, "}");
    free(t->name);
    t->name = NULL;
}

static int on_program(void *ctx, const struct walk_task *task, uint64_t time)
{
    struct perfetto *p = ctx;
    struct thread *t = thread_of(p, task);
    if (t == NULL)
        return -ENOMEM;
    if (t->name == NULL)
        put_counter(p, process_of(p, task->process)->pid, time, "tasks", ++p->alive);
    end_program(p, t, time);
    t->begin = time;
    t->name = strdup(timeline_task_name(task));
    return t->name == NULL ? -ENOMEM : p->out.error;
}

static int on_gone(void *ctx, const struct walk_task *task, uint64_t time)
{
    struct perfetto *p = ctx;
    struct thread *t = thread_of(p, task);
    if (t == NULL)
        return -ENOMEM;
    if (t->name != NULL && p->alive > 0)
        put_counter(p, t->pid, time, "tasks", --p->alive);
    end_program(p, t, time);
    return p->out.error;
}

/* ---- rows ---- */

static int put_arguments(struct perfetto *p, const struct trace_view *view,
                         const struct timeline_row *row)
{
    struct call_decoder d = trace_view_decoder(view, row->task);
    int r = 0;
    for (size_t i = 0; i < row->call->n_args && r == 0; i++) {
        struct call_arg arg;
        call_arg_get(row->call, i, &arg);
        buf_clear(&p->text);
        r = call_text_arg(&d, row->call, i, &p->text);
        out_fmt(&p->out, ",\"%zu %s\":", i + 1, arg.name);
        out_json(&p->out, p->text.data, p->text.len);
    }
    buf_clear(&p->text);
    if (r == 0)
        r = call_text_result(&d, row->call, &p->text);
    out_str(&p->out, ",\"result\":");
    out_json(&p->out, p->text.data, p->text.len);
    if (row->unfinished)
        out_str(&p->out, ",\"unfinished\":true");
    return r;
}

static int put_moment(struct perfetto *p, const struct trace_view *view,
                      const struct timeline_row *row)
{
    buf_clear(&p->text);
    int r = timeline_moment_text(view, row, &p->text);
    out_str(&p->out, ",\"about\":");
    out_json(&p->out, p->text.data, p->text.len);
    return r;
}

static void count_bytes(struct perfetto *p, const struct timeline_row *row)
{
    struct process *process = process_of(p, row->task->process);
    struct call_io io;
    if (process == NULL || row->call == NULL || !call_io_get(row->call, &io))
        return;
    process->in += io.in_bytes;
    process->out += io.out_bytes;
    if (row->end - process->told_at < COUNTER_NS && process->told_at > 0)
        return;
    process->told_at = row->end;
    put_counter(p, process->pid, row->end, "bytes read", process->in);
    put_counter(p, process->pid, row->end, "bytes written", process->out);
}

static int on_row(void *ctx, const struct trace_view *view, const struct timeline_row *row)
{
    struct perfetto *p = ctx;
    struct thread *t = thread_of(p, row->task);
    if (t == NULL)
        return -ENOMEM;
    begin_event(p, "X", t, row->start);
    put_duration(p, row->end - row->start);
    put_name(p, row->name, row->error ? "error" : call_class_name(row->class));
    out_fmt(&p->out, ",\"args\":{\"event\":%" PRIu64, row->number);
    int r = row->call != NULL ? put_arguments(p, view, row) : put_moment(p, view, row);
    out_str(&p->out, "}}");
    count_bytes(p, row);
    return r < 0 ? r : p->out.error;
}

static void put_link_end(struct perfetto *p, const struct link *link, const struct thread *t,
                         uint64_t time, const char *ph)
{
    begin_event(p, ph, t, time);
    put_name(p, link_kind_name(link->kind), "link");
    out_fmt(&p->out, ",\"id\":%" PRIu64 "%s}", p->n_links, ph[0] == 'f' ? ",\"bp\":\"e\"" : "");
}

static int on_link(void *ctx, const struct link *link)
{
    struct perfetto *p = ctx;
    struct thread *from = thread_of(p, link->from.task), *to = thread_of(p, link->to.task);
    if (from == NULL || to == NULL)
        return -ENOMEM;
    p->n_links++;
    put_link_end(p, link, from, link->from.time, "s");
    put_link_end(p, link, to, link->to.time, "f");
    return p->out.error;
}

/* ---- the whole ---- */

static void put_header(struct perfetto *p)
{
    const Reprise__Header *h = trace_reader_header(p->job->reader);
    out_str(&p->out, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"recorder\":");
    out_json_str(&p->out, h->version);
    out_str(&p->out, ",\"host\":");
    out_json_str(&p->out, h->host);
    out_fmt(&p->out, ",\"start_unix_ns\":\"%" PRIu64 "\"},\"traceEvents\":[", h->start_unix_ns);
}

static void put_arguments_of_program(struct perfetto *p, const struct walk_program *program)
{
    struct buf line = {0};
    for (size_t i = 0; i < program->argc; i++)
        if ((i > 0 && buf_append(&line, " ", 1) < 0) ||
            buf_append(&line, program->argv[i], program->lens[i]) < 0)
            break;
    out_json(&p->out, line.data, line.len);
    buf_done(&line);
}

/* The last values, which may have come too soon after the ones before to be told. */
static void put_last_counters(struct perfetto *p, const struct walk_process *walked, uint64_t end)
{
    const struct process *process = process_of(p, walked);
    if (process == NULL || process->in + process->out == 0)
        return;
    uint64_t time = walked->ended ? walked->ended_at : end;
    put_counter(p, process->pid, time, "bytes read", process->in);
    put_counter(p, process->pid, time, "bytes written", process->out);
}

static int put_names(struct perfetto *p, const struct trace_view *view, uint64_t end)
{
    for (size_t i = 0; i < trace_walk_task_count(view->walk); i++) {
        const struct walk_task *task = trace_walk_task(view->walk, i);
        struct thread *t = thread_of(p, task);
        if (t == NULL)
            return -ENOMEM;
        end_program(p, t, end);
        put_metadata(p, t, "thread_name", "name");
        out_json_str(&p->out, timeline_task_name(task));
        out_str(&p->out, "}}");
        if (task->rank > 0)
            continue;
        put_last_counters(p, task->process, end);
        put_metadata(p, t, "process_name", "name");
        out_json_str(&p->out, timeline_task_name(task));
        out_str(&p->out, "}}");
        put_metadata(p, t, "process_sort_index", "sort_index");
        out_fmt(&p->out, "%zu}}", i);
        if (task->process->program == NULL)
            continue;
        put_metadata(p, t, "process_labels", "labels");
        put_arguments_of_program(p, task->process->program);
        out_str(&p->out, "}}");
    }
    return p->out.error;
}

static void done(struct perfetto *p)
{
    size_t pos = 0;
    for (struct thread *t; (t = map64_next(&p->threads, &pos)) != NULL;) {
        free(t->name);
        free(t);
    }
    pos = 0;
    for (struct process *q; (q = map64_next(&p->processes, &pos)) != NULL;)
        free(q);
    map64_done(&p->threads);
    map64_done(&p->processes);
    map64_done(&p->pids);
    map64_done(&p->tids);
    buf_done(&p->text);
    out_done(&p->out);
}

int export_perfetto(const struct export_job *job, struct export_result *ret, struct err *err)
{
    struct perfetto p = {.job = job, .out = {.fd = job->fd}, .first = true};
    const struct timeline_sink sink = {
        .ctx = &p, .row = on_row, .link = on_link, .program = on_program, .gone = on_gone};
    struct trace_view view = {0};
    struct timeline_end end = {0};
    *ret = (struct export_result){0};
    int r = trace_view_open(job->reader, &view, err);
    if (r < 0)
        return r;
    view.style.string_max = job->string_max;
    view.style.fd_paths = true;
    put_header(&p);
    r = timeline_run(job, &view, &sink, ret, &end, err);
    if (r == 0)
        r = put_names(&p, &view, end.time);
    out_str(&p.out, "\n]}\n");
    if (r == 0)
        r = out_flush(&p.out);
    done(&p);
    trace_view_done(&view);
    return r;
}

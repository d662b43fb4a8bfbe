/* Owns the database of --sqlite; schema.sql tells its tables. */
#include "decode/call_io.h"
#include "export/export.h"
#include "export/sqlite_files.h"
#include "export/sqlite_rows.h"
#include "export/timeline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern const char sqlite_schema[];

enum table {
    TABLE_TRACE = 0,
    TABLE_PROCESSES,
    TABLE_THREADS,
    TABLE_EVENTS,
    TABLE_ARGUMENTS,
    TABLE_LINKS,
    TABLE_COUNT
};

static const char *const inserts[TABLE_COUNT] = {
    [TABLE_TRACE] = "INSERT INTO trace VALUES (?, ?)",
    [TABLE_PROCESSES] = "INSERT INTO processes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [TABLE_THREADS] = "INSERT INTO threads VALUES (?, ?, ?, ?, ?, ?)",
    [TABLE_EVENTS] =
        "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [TABLE_ARGUMENTS] = "INSERT OR IGNORE INTO arguments VALUES (?, ?, ?, ?, ?)",
    [TABLE_LINKS] = "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?)",
};

struct database {
    const struct export_job *job;
    sqlite3 *db;
    struct sql_row rows[TABLE_COUNT];
    struct sqlite_files files;
    struct buf text;
};

/* ---- events ---- */

static int put_arguments(struct database *b, const struct call_decoder *d,
                         const struct timeline_row *row)
{
    struct sql_row *out = &b->rows[TABLE_ARGUMENTS];
    int r = 0;
    for (size_t i = 0; i < row->call->n_args && r == 0; i++) {
        struct call_arg arg;
        call_arg_get(row->call, i, &arg);
        buf_clear(&b->text);
        r = call_text_arg(d, row->call, i, &b->text);
        if (r < 0)
            return r;
        sql_row_uint(out, row->number);
        sql_row_int(out, (int64_t)i + 1);
        sql_row_str(out, arg.name);
        sql_row_uint(out, arg.value);
        sql_row_text(out, b->text.data, b->text.len);
        r = sql_row_run(out);
    }
    return r;
}

static void bind_result(struct sql_row *out, const struct walk_call *call)
{
    int errnum;
    if (call == NULL || !call->done) {
        sql_row_null(out);
        sql_row_null(out);
        return;
    }
    sql_row_int(out, call->result);
    sql_row_str(out, call_is_error(call, &errnum) ? call_errno_name(errnum) : NULL);
}

static void bind_bytes(struct sql_row *out, const struct walk_call *call)
{
    struct call_io io;
    bool moved = call != NULL && call_io_get(call, &io);
    if (moved && io.in_fd >= 0)
        sql_row_uint(out, io.in_bytes);
    else
        sql_row_null(out);
    if (moved && io.out_fd >= 0)
        sql_row_uint(out, io.out_bytes);
    else
        sql_row_null(out);
}

static int text_of_row(struct database *b, const struct trace_view *view,
                       const struct call_decoder *d, const struct timeline_row *row)
{
    buf_clear(&b->text);
    if (row->call != NULL)
        return call_text_line(d, row->call, &b->text);
    int r = buf_append(&b->text, row->name, strlen(row->name));
    if (r == 0)
        r = buf_append(&b->text, " ", 1);
    return r == 0 ? timeline_moment_text(view, row, &b->text) : r;
}

static int put_event(struct database *b, const struct trace_view *view,
                     const struct timeline_row *row)
{
    struct call_decoder d = trace_view_decoder(view, row->task);
    struct sql_row *out = &b->rows[TABLE_EVENTS];
    uint64_t start = row->is_moment ? row->end : row->start;
    int64_t file = 0;
    int r =
        row->call != NULL ? sqlite_files_number(&b->files, view, row->task, row->call, &file) : 0;
    if (r == 0)
        r = text_of_row(b, view, &d, row);
    if (r < 0)
        return r;
    sql_row_uint(out, row->number);
    sql_row_int(out, row->task->serial);
    sql_row_int(out, row->task->process->number);
    sql_row_str(out, row->call != NULL ? "syscall" : event_kind_info(row->event->kind)->name);
    sql_row_str(out, row->name);
    sql_row_str(out, call_class_name(row->class));
    sql_row_uint(out, start);
    if (row->unfinished)
        sql_row_null(out);
    else
        sql_row_uint(out, row->end - start);
    bind_result(out, row->call);
    if (file > 0)
        sql_row_int(out, file);
    else
        sql_row_null(out);
    bind_bytes(out, row->call);
    sql_row_text(out, b->text.data, b->text.len);
    r = sql_row_run(out);
    return r == 0 && row->call != NULL ? put_arguments(b, &d, row) : r;
}

static int on_row(void *ctx, const struct trace_view *view, const struct timeline_row *row)
{
    return put_event(ctx, view, row);
}

static int on_link(void *ctx, const struct link *link)
{
    struct database *b = ctx;
    struct sql_row *out = &b->rows[TABLE_LINKS];
    sql_row_str(out, link_kind_name(link->kind));
    sql_row_int(out, link->from.task->serial);
    sql_row_uint(out, link->from.time);
    sql_row_int(out, link->to.task->serial);
    sql_row_uint(out, link->to.time);
    if (link->bytes > 0)
        sql_row_uint(out, link->bytes);
    return sql_row_run(out);
}

/* ---- tasks and the trace as a whole ---- */

static int join(struct buf *line, const struct walk_program *program)
{
    int r = 0;
    for (size_t i = 0; i < program->argc && r == 0; i++) {
        r = i > 0 ? buf_append(line, " ", 1) : 0;
        if (r == 0)
            r = buf_append(line, program->argv[i], program->lens[i]);
    }
    return r;
}

static void bind_status(struct sql_row *out, bool ended, int status)
{
    if (!ended || WIFSIGNALED(status))
        sql_row_null(out);
    else
        sql_row_int(out, WEXITSTATUS(status));
    if (!ended || !WIFSIGNALED(status))
        return;
    char name[32];
    const char *abbrev = sigabbrev_np(WTERMSIG(status));
    if (abbrev != NULL)
        snprintf(name, sizeof name, "SIG%s", abbrev);
    else
        snprintf(name, sizeof name, "signal %d", WTERMSIG(status));
    sql_row_str(out, name);
}

static int put_process(struct database *b, const struct walk_process *p)
{
    struct sql_row *out = &b->rows[TABLE_PROCESSES];
    bool ended = p->ended && !p->detached;
    buf_clear(&b->text);
    if (p->program != NULL && join(&b->text, p->program) < 0)
        return -ENOMEM;
    sql_row_int(out, p->number);
    if (p->parent != NULL)
        sql_row_int(out, p->parent->number);
    else
        sql_row_null(out);
    sql_row_int(out, p->pid);
    if (p->program != NULL)
        sql_row_text(out, p->program->path, p->program->path_len);
    else
        sql_row_null(out);
    sql_row_text(out, b->text.data, b->text.len);
    sql_row_uint(out, p->born);
    if (ended)
        sql_row_uint(out, p->ended_at);
    else
        sql_row_null(out);
    bind_status(out, ended, p->status);
    return sql_row_run(out);
}

static int put_thread(struct database *b, const struct walk_task *task)
{
    struct sql_row *out = &b->rows[TABLE_THREADS];
    sql_row_int(out, task->serial);
    sql_row_int(out, task->process->number);
    sql_row_int(out, task->tid);
    sql_row_str(out, timeline_task_name(task));
    sql_row_uint(out, task->born);
    if (task->ended && !task->detached)
        sql_row_uint(out, task->ended_at);
    return sql_row_run(out);
}

static int put_tasks(struct database *b, const struct trace_walk *walk)
{
    int r = 0;
    for (size_t i = 0; i < trace_walk_process_count(walk) && r == 0; i++)
        r = put_process(b, trace_walk_process(walk, i));
    for (size_t i = 0; i < trace_walk_task_count(walk) && r == 0; i++)
        r = put_thread(b, trace_walk_task(walk, i));
    return r;
}

static int put_fact(struct database *b, const char *key, const void *value, size_t len)
{
    struct sql_row *out = &b->rows[TABLE_TRACE];
    sql_row_str(out, key);
    sql_row_text(out, value, len);
    return sql_row_run(out);
}

static int put_fact_number(struct database *b, const char *key, uint64_t value)
{
    struct sql_row *out = &b->rows[TABLE_TRACE];
    sql_row_str(out, key);
    sql_row_uint(out, value);
    return sql_row_run(out);
}

static int put_facts(struct database *b, const struct timeline_end *end,
                     const struct export_result *result)
{
    const Reprise__Header *h = trace_reader_header(b->job->reader);
    int r = 0;
    buf_clear(&b->text);
    for (size_t i = 0; i < h->n_argv && r == 0; i++) {
        r = i > 0 ? buf_append(&b->text, " ", 1) : 0;
        if (r == 0)
            r = buf_append(&b->text, h->argv[i].data, h->argv[i].len);
    }
    if (r == 0)
        r = put_fact(b, "command", b->text.data, b->text.len);
    if (r == 0)
        r = put_fact(b, "directory", h->cwd.data, h->cwd.len);
    if (r == 0)
        r = put_fact(b, "host", h->host, strlen(h->host));
    if (r == 0)
        r = put_fact(b, "recorder", h->version, strlen(h->version));
    if (r == 0)
        r = put_fact_number(b, "start_unix_ns", h->start_unix_ns);
    if (r == 0)
        r = put_fact_number(b, "duration_ns", end->time);
    if (r == 0)
        r = put_fact_number(b, "torn", trace_reader_is_torn(b->job->reader));
    if (r == 0 && result->damage.code != 0)
        r = put_fact(b, "damage", result->damage.msg, strlen(result->damage.msg));
    return r;
}

/* ---- the whole ---- */

static int failed(struct database *b, int rc, struct err *err)
{
    return err_set(err, -sql_errno(rc), "cannot write the database: %s", sqlite3_errmsg(b->db));
}

static int run_sql(struct database *b, const char *sql, struct err *err)
{
    int rc = sqlite3_exec(b->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : failed(b, rc, err);
}

static int open_database(struct database *b, struct err *err)
{
    struct stat st;
    if (fstat(b->job->fd, &st) != 0 || !S_ISREG(st.st_mode) || strcmp(b->job->path, "-") == 0)
        return err_set(err, EINVAL, "a database goes to a file, not to a pipe or device");
    int rc =
        sqlite3_open_v2(b->job->path, &b->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc != SQLITE_OK)
        return failed(b, rc, err);
    /* The file takes its place only when it is whole, so nothing need survive a crash. */
    int r = run_sql(b,
                    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
                    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768; BEGIN",
                    err);
    if (r == 0)
        r = run_sql(b, sqlite_schema, err);
    for (size_t i = 0; i < TABLE_COUNT && r == 0; i++)
        r = sql_row_prepare(b->db, inserts[i], &b->rows[i], err);
    return r == 0 ? sqlite_files_open(b->db, &b->files, err) : r;
}

static int fill(struct database *b, struct trace_view *view, struct export_result *result,
                struct err *err)
{
    const struct timeline_sink sink = {.ctx = b, .row = on_row, .link = on_link};
    struct timeline_end end;
    int r = timeline_run(b->job, view, &sink, result, &end, err);
    if (r == 0)
        r = put_tasks(b, view->walk);
    if (r == 0)
        r = put_facts(b, &end, result);
    if (r == 0)
        r = run_sql(b,
                    "CREATE INDEX events_by_file ON events (file); "
                    "CREATE INDEX events_by_name ON events (name); COMMIT",
                    err);
    return r;
}

static void done(struct database *b)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        sql_row_done(&b->rows[i]);
    sqlite_files_done(&b->files);
    sqlite3_close(b->db);
    buf_done(&b->text);
}

int export_sqlite(const struct export_job *job, struct export_result *ret, struct err *err)
{
    struct database b = {.job = job};
    struct trace_view view = {0};
    *ret = (struct export_result){0};
    int r = trace_view_open(job->reader, &view, err);
    if (r < 0)
        return r;
    view.style.string_max = job->string_max;
    r = open_database(&b, err);
    if (r == 0)
        r = fill(&b, &view, ret, err);
    done(&b);
    trace_view_done(&view);
    return r;
}

/* Owns the page of --html: the blocks of data between its head and its tail. page/data.js reads
 * them and tells their form. All text of the trace lies within JSON, deflated and in base64, so
 * nothing in it can be taken for markup. */
#include "base/map64.h"
#include "export/export.h"
#include "export/out.h"
#include "export/pack.h"
#include "export/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <xxhash.h>

#define BLOCK_ROWS  8192
#define BLOCK_BYTES ((size_t)4 << 20)
#define TASKS_MAX   100000 /* shown in the page */
#define LINKS_MAX   200000

extern const char html_page_head[], html_page_head_end[], html_page_tail[], html_page_tail_end[];

enum row_flag { ROW_ERROR = 1, ROW_UNFINISHED = 2, ROW_MOMENT = 4 };

enum column {
    COLUMN_NUMBER = 0,
    COLUMN_START,
    COLUMN_TOOK,
    COLUMN_TASK,
    COLUMN_NAME,
    COLUMN_FLAGS,
    COLUMN_ARGS,
    COLUMN_RESULT,
    COLUMN_COUNT
};
static const char column_keys[COLUMN_COUNT] = {'i', 't', 'd', 'k', 'n', 'f', 'a', 'r'};

struct html {
    const struct export_job *job;
    struct out out;
    struct out columns[COLUMN_COUNT]; /* of the block at hand: lists with commas */
    struct out names, links;          /* likewise */
    size_t n_rows, n_names, n_block_names, n_block_links;
    uint64_t start, number; /* of the row before, in the block */
    uint64_t rows, rows_cut, n_links, links_cut;
    struct map64 by_name; /* hash of a name: its number, plus 1 */
    struct buf text;
};

/* ---- blocks ---- */

static int put_block(struct html *h, const char *kind, const struct out *json)
{
    out_fmt(&h->out, "<script type=\"application/x-reprise\" data-kind=\"%s\">", kind);
    int r = json->error != 0 ? json->error : pack_base64(json->b.data, json->b.len, &h->out);
    out_str(&h->out, "</script>\n");
    return r < 0 ? r : h->out.error;
}

static void put_list(struct out *json, char key, struct out *list)
{
    out_fmt(json, "%s\"%c\":[", json->b.len > 1 ? "," : "", key);
    out_bytes(json, list->b.data, list->b.len);
    out_str(json, "]");
    if (list->error != 0)
        json->error = list->error;
    buf_clear(&list->b);
}

static int end_block(struct html *h)
{
    if (h->n_rows == 0 && h->n_block_links == 0)
        return 0;
    struct out json = {.fd = -1};
    out_str(&json, "{");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        put_list(&json, column_keys[i], &h->columns[i]);
    put_list(&json, 'N', &h->names);
    put_list(&json, 'L', &h->links);
    out_str(&json, "}");
    int r = put_block(h, "rows", &json);
    out_done(&json);
    h->n_rows = h->n_block_names = h->n_block_links = 0;
    h->start = h->number = 0;
    return r;
}

/* ---- rows ---- */

/* The number of a name and class, made known to the page when it is new. */
static int number_of_name(struct html *h, const char *name, enum syscall_about class,
                          size_t *ret_number)
{
    uint64_t hash = XXH3_64bits_withSeed(name, strlen(name), (uint64_t) class);
    size_t known = (size_t)(uintptr_t)map64_get(&h->by_name, hash);
    if (known > 0) {
        *ret_number = known - 1;
        return 0;
    }
    if (map64_put(&h->by_name, hash, (void *)(uintptr_t)(h->n_names + 1)) < 0)
        return -ENOMEM;
    out_str(&h->names, h->n_block_names++ > 0 ? ",[" : "[");
    out_json_str(&h->names, name);
    out_fmt(&h->names, ",%d]", (int)class);
    *ret_number = h->n_names++;
    return 0;
}

static void put_number(struct html *h, enum column column, int64_t n)
{
    out_fmt(&h->columns[column], "%s%" PRId64, h->n_rows > 0 ? "," : "", n);
}

static void put_text(struct html *h, enum column column)
{
    if (h->n_rows > 0)
        out_str(&h->columns[column], ",");
    out_json(&h->columns[column], h->text.data, h->text.len);
    buf_clear(&h->text);
}

static int put_texts(struct html *h, const struct trace_view *view, const struct timeline_row *row)
{
    struct call_decoder d = trace_view_decoder(view, row->task);
    int r = row->call != NULL ? call_text_args(&d, row->call, &h->text)
                              : timeline_moment_text(view, row, &h->text);
    put_text(h, COLUMN_ARGS);
    if (r == 0 && row->call != NULL)
        r = call_text_result(&d, row->call, &h->text);
    put_text(h, COLUMN_RESULT);
    return r;
}

static int on_row(void *ctx, const struct trace_view *view, const struct timeline_row *row)
{
    struct html *h = ctx;
    if (h->rows >= h->job->row_max) {
        h->rows_cut++;
        return 0;
    }
    size_t name = 0;
    uint64_t start = row->is_moment ? row->end : row->start;
    int r = number_of_name(h, row->name, row->class, &name);
    if (r < 0)
        return r;
    put_number(h, COLUMN_NUMBER, (int64_t)(row->number - h->number));
    put_number(h, COLUMN_START, (int64_t)(start - h->start));
    put_number(h, COLUMN_TOOK, (int64_t)(row->end - start));
    put_number(h, COLUMN_TASK, row->task->serial);
    put_number(h, COLUMN_NAME, (int64_t)name);
    put_number(h, COLUMN_FLAGS,
               (row->error ? ROW_ERROR : 0) | (row->unfinished ? ROW_UNFINISHED : 0) |
                   (row->is_moment ? ROW_MOMENT : 0));
    r = put_texts(h, view, row);
    h->number = row->number;
    h->start = start;
    h->rows++;
    h->n_rows++;
    bool full = h->n_rows >= BLOCK_ROWS || h->columns[COLUMN_ARGS].b.len >= BLOCK_BYTES;
    if (r == 0 && full)
        r = end_block(h);
    return r < 0 ? r : h->out.error;
}

static int on_link(void *ctx, const struct link *link)
{
    struct html *h = ctx;
    if (h->n_links >= LINKS_MAX || h->rows >= h->job->row_max) {
        h->links_cut++;
        return 0;
    }
    h->n_links++;
    out_fmt(&h->links, "%s[\"%s\",%u,%" PRIu64 ",%u,%" PRIu64 "]",
            h->n_block_links++ > 0 ? "," : "", link_kind_name(link->kind), link->from.task->serial,
            link->from.time, link->to.task->serial, link->to.time);
    return h->links.error;
}

/* ---- head and end ---- */

static void put_command(struct out *json, size_t argc, char *const *argv, const size_t *lens)
{
    struct buf line = {0};
    for (size_t i = 0; i < argc && line.len < 4096; i++)
        if ((i > 0 && buf_append(&line, " ", 1) < 0) || buf_append(&line, argv[i], lens[i]) < 0)
            break;
    out_json(json, line.data, line.len < 4096 ? line.len : 4096);
    buf_done(&line);
}

static int put_head(struct html *h)
{
    const Reprise__Header *header = trace_reader_header(h->job->reader);
    struct out json = {.fd = -1};
    struct buf line = {0};
    char when[64] = "?";
    time_t t = (time_t)(header->start_unix_ns / 1000000000u);
    struct tm tm;
    if (gmtime_r(&t, &tm) != NULL)
        (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &tm);
    for (size_t i = 0; i < header->n_argv; i++)
        if ((i > 0 && buf_append(&line, " ", 1) < 0) ||
            buf_append(&line, header->argv[i].data, header->argv[i].len) < 0)
            break;
    out_str(&json, "{\"command\":");
    out_json(&json, line.data, line.len < 4096 ? line.len : 4096);
    out_fmt(&json, ",\"start\":\"%s\",\"host\":", when);
    out_json_str(&json, header->host);
    out_str(&json, "}");
    int r = put_block(h, "head", &json);
    buf_done(&line);
    out_done(&json);
    return r;
}

/* "0", "3", "SIGKILL"; empty: it is still there */
static void put_status(struct out *json, const struct walk_task *task)
{
    const char *name = NULL;
    if (!task->ended || task->detached)
        out_str(json, "\"\"");
    else if (!WIFSIGNALED(task->status))
        out_fmt(json, "\"%d\"", WEXITSTATUS(task->status));
    else if ((name = sigabbrev_np(WTERMSIG(task->status))) != NULL)
        out_fmt(json, "\"SIG%s\"", name);
    else
        out_fmt(json, "\"signal %d\"", WTERMSIG(task->status));
}

static void put_task(struct out *json, const struct walk_task *task, uint64_t end)
{
    const struct walk_program *program = task->process->program;
    bool thread = task->rank > 0;
    uint64_t died = task->ended ? task->ended_at : end;
    out_fmt(json,
            "{\"serial\":%u,\"parent\":%u,\"tid\":%d,\"thread\":%s,\"born\":%" PRIu64
            ",\"died\":%" PRIu64 ",\"end\":",
            task->serial, task->parent != NULL ? task->parent->serial : 0, (int)task->tid,
            thread ? "true" : "false", task->born, died > task->born ? died : task->born);
    put_status(json, task);
    out_str(json, ",\"name\":");
    out_json_str(json, timeline_task_name(task));
    out_str(json, ",\"command\":");
    if (program != NULL && !thread)
        put_command(json, program->argc, program->argv, program->lens);
    else
        out_str(json, "\"\"");
    out_str(json, "}");
}

static void put_notes(struct html *h, struct out *json, size_t n_tasks,
                      const struct export_result *result)
{
    char note[256];
    struct out list = {.fd = -1};
    if (trace_reader_is_torn(h->job->reader))
        out_str(&list, ",\"The trace is torn: its end is missing.\"");
    if (result->damage.code != 0)
        out_str(&list, ",\"The trace is damaged: what follows the damage is missing.\"");
    if (h->rows_cut > 0) {
        snprintf(note, sizeof note, "%" PRIu64 " more events were left out (--limit, --range).",
                 h->rows_cut);
        out_str(&list, ",");
        out_json_str(&list, note);
    }
    if (n_tasks > TASKS_MAX)
        out_str(&list, ",\"Some processes were left out.\"");
    if (h->n_links >= LINKS_MAX)
        out_str(&list, ",\"Some arrows were left out.\"");
    out_str(json, ",\"notes\":[");
    if (list.b.len > 0)
        out_bytes(json, list.b.data + 1, list.b.len - 1);
    out_str(json, "]");
    out_done(&list);
}

static void put_ended(struct html *h, struct out *json)
{
    const Reprise__Summary *summary = trace_reader_summary(h->job->reader);
    out_str(json, ",\"ended\":");
    if (summary == NULL || summary->incomplete)
        out_str(json, "\"its end is not in the trace\"");
    else if (WIFSIGNALED(summary->status))
        out_fmt(json, "\"killed by signal %d\"", WTERMSIG(summary->status));
    else
        out_fmt(json, "\"exit status %d\"", WEXITSTATUS(summary->status));
}

static int put_end(struct html *h, const struct trace_view *view, const struct timeline_end *end,
                   const struct export_result *result)
{
    struct out json = {.fd = -1};
    size_t n = trace_walk_task_count(view->walk);
    out_fmt(&json, "{\"length\":%" PRIu64 ",\"events\":%" PRIu64, end->time, end->events);
    put_ended(h, &json);
    put_notes(h, &json, n, result);
    out_str(&json, ",\"tasks\":[");
    for (size_t i = 0; i < n && i < TASKS_MAX; i++) {
        out_str(&json, i > 0 ? "," : "");
        put_task(&json, trace_walk_task(view->walk, i), end->time);
    }
    out_str(&json, "]}");
    int r = put_block(h, "end", &json);
    out_done(&json);
    return r;
}

/* ---- the whole ---- */

static int write_page(struct html *h, struct trace_view *view, struct export_result *result,
                      struct err *err)
{
    const struct timeline_sink sink = {.ctx = h, .row = on_row, .link = on_link};
    struct timeline_end end;
    out_bytes(&h->out, html_page_head, (size_t)(html_page_head_end - html_page_head));
    int r = put_head(h);
    if (r == 0)
        r = timeline_run(h->job, view, &sink, result, &end, err);
    if (r == 0)
        r = end_block(h);
    if (r == 0)
        r = put_end(h, view, &end, result);
    out_bytes(&h->out, html_page_tail, (size_t)(html_page_tail_end - html_page_tail));
    return r == 0 ? out_flush(&h->out) : r;
}

static void done(struct html *h)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        out_done(&h->columns[i]);
    out_done(&h->names);
    out_done(&h->links);
    out_done(&h->out);
    map64_done(&h->by_name);
    buf_done(&h->text);
}

int export_html(const struct export_job *job, struct export_result *ret, struct err *err)
{
    struct html h = {.job = job, .out = {.fd = job->fd}};
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        h.columns[i].fd = -1;
    h.names.fd = h.links.fd = -1;
    struct trace_view view = {0};
    *ret = (struct export_result){0};
    int r = trace_view_open(job->reader, &view, err);
    if (r < 0)
        return r;
    view.style.string_max = job->string_max;
    view.style.fd_paths = true;
    r = write_page(&h, &view, ret, err);
    if (h.rows_cut > 0)
        snprintf(ret->note, sizeof ret->note,
                 "%" PRIu64 " events do not fit into the page; --limit=N makes room, "
                 "--range=A-B chooses others",
                 h.rows_cut);
    done(&h);
    trace_view_done(&view);
    return r;
}

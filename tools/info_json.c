/* Owns the form of `reprise info --json`. Fields are only ever added within a schema; the manual
 * page reprise-info(1) documents them. */
#include "base/buf.h"
#include "format/chunk.h"
#include "task/cpu.h"
#include "tools/info.h"
#include "tools/text.h"
#include "tools/trace_length.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define SCHEMA    1
#define EXACT_MAX (1ull << 53) /* larger integers are not exact in readers that use doubles */

/* Takes over `value`; a missing one (no memory) shows in *failed. */
static void put(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new(object, key, value) != 0)
        *failed = true;
}

static void add(json_t *array, json_t *value, bool *failed)
{
    if (json_array_append_new(array, value) != 0)
        *failed = true;
}

static json_t *number(uint64_t n)
{
    if (n <= EXACT_MAX)
        return json_integer((json_int_t)n);
    char text[TEXT_MAX];
    snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    return json_string(text);
}

static json_t *bytes(const void *data, size_t len)
{
    struct buf b = {0};
    json_t *text = NULL;
    if (text_utf8(&b, data, len) == 0)
        text = json_stringn(b.len > 0 ? (const char *)b.data : "", b.len);
    buf_done(&b);
    return text;
}

static json_t *string(const char *text)
{
    return bytes(text, strlen(text));
}

static json_t *strings(size_t n, const ProtobufCBinaryData *v, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        add(array, bytes(v[i].data, v[i].len), failed);
    return array;
}

static json_t *end_of(int wait_status, bool *failed)
{
    json_t *end = json_object();
    if (WIFSIGNALED(wait_status)) {
        char name[TEXT_MAX];
        text_status(wait_status, name);
        put(end, "signal", json_integer(WTERMSIG(wait_status)), failed);
        put(end, "name", json_string(name), failed);
    } else {
        put(end, "exit", json_integer(WEXITSTATUS(wait_status)), failed);
    }
    return end;
}

static void put_run(json_t *root, const struct info *info, bool *failed)
{
    const Reprise__Header *h = trace_reader_header(info->trace);
    const Reprise__Summary *summary = trace_reader_summary(info->trace);
    char when[TEXT_MAX];
    text_when_iso(h->start_unix_ns, when);
    put(root, "program", bytes(h->program.data, h->program.len), failed);
    put(root, "argv", strings(h->n_argv, h->argv, failed), failed);
    put(root, "cwd", bytes(h->cwd.data, h->cwd.len), failed);
    put(root, "start", json_string(when), failed);
    put(root, "start_unix_ns", number(h->start_unix_ns), failed);
    put(root, "duration_ns", number(trace_length_ns(info->trace)), failed);
    put(root, "end",
        summary != NULL && !summary->incomplete ? end_of(summary->status, failed) : json_null(),
        failed);
    put(root, "note", summary != NULL ? string(summary->note) : json_string(""), failed);
    put(root, "recorder", string(h->version), failed);
    put(root, "paranoid", json_boolean(h->paranoid), failed);
    put(root, "data_limit", number(h->data_limit), failed);
    put(root, "uid", json_integer(h->uid), failed);
    put(root, "host", string(h->host), failed);
    put(root, "kernel", string(h->kernel), failed);
}

static json_t *cpu_of(const Reprise__Header *h, bool *failed)
{
    json_t *cpu = json_object();
    json_t *features = json_array();
    const Reprise__Cpu *detail = h->cpu_detail;
    const struct cpu_feature *feature;
    for (size_t i = 0; (feature = cpu_feature(i)) != NULL; i++)
        if (info_offers(detail, feature))
            add(features, json_string(feature->name), failed);
    put(cpu, "model", string(h->cpu), failed);
    put(cpu, "cpuid_trapped", json_boolean(detail != NULL && detail->cpuid_trapped), failed);
    put(cpu, "tsc_trapped", json_boolean(detail != NULL && detail->tsc_trapped), failed);
    put(cpu, "baseline", json_boolean(detail != NULL && detail->baseline), failed);
    put(cpu, "xcr0", number(detail != NULL ? detail->xcr0 : 0), failed);
    put(cpu, "features", features, failed);
    return cpu;
}

static json_t *task_of(const struct fact_task *task, bool *failed)
{
    json_t *object = json_object();
    json_t *argv = json_array();
    size_t at = 0;
    for (size_t i = 0; i < task->argc; at += task->arg_len[i++])
        add(argv, bytes(task->argv + at, task->arg_len[i]), failed);
    put(object, "task", json_integer(task->serial), failed);
    put(object, "parent", json_integer(task->parent), failed);
    put(object, "pid", json_integer(task->pid), failed);
    put(object, "tid", json_integer(task->tid), failed);
    put(object, "execs", json_integer(task->execs), failed);
    put(object, "argv", argv, failed);
    put(object, "end", task->ended ? end_of(task->status, failed) : json_null(), failed);
    return object;
}

static json_t *tasks_of(const struct trace_facts *facts, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->n_tasks; i++)
        add(array, task_of(&facts->tasks[i], failed), failed);
    return array;
}

static json_t *counts_of(uint64_t total, const char *key, const struct fact_count *counts, size_t n,
                         bool *failed)
{
    json_t *object = json_object();
    json_t *by = json_object();
    for (size_t i = 0; i < n; i++)
        put(by, counts[i].name, number(counts[i].n), failed);
    put(object, "total", number(total), failed);
    put(object, key, by, failed);
    return object;
}

static json_t *chunks_of(const struct trace_facts *facts, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->n_chunks; i++) {
        const struct fact_chunks *c = &facts->chunks[i];
        json_t *object = json_object();
        put(object, "kind", json_string(chunk_kind_name(c->kind)), failed);
        put(object, "count", number(c->n), failed);
        put(object, "stored", number(c->stored), failed);
        put(object, "raw", number(c->raw), failed);
        add(array, object, failed);
    }
    return array;
}

static json_t *whole(const struct info *info, bool *failed)
{
    const struct trace_facts *facts = info->facts;
    json_t *root = json_object();
    put(root, "schema", json_integer(SCHEMA), failed);
    put(root, "file", string(info->path), failed);
    put(root, "size", number(trace_reader_size(info->trace)), failed);
    put(root, "state", json_string(trace_facts_state_name(facts->state)), failed);
    put(root, "damage", facts->damage.code != 0 ? string(facts->damage.msg) : json_null(), failed);
    put_run(root, info, failed);
    put(root, "cpu", cpu_of(trace_reader_header(info->trace), failed), failed);
    put(root, "tasks", tasks_of(facts, failed), failed);
    put(root, "argv_cut", json_boolean(facts->argv_cut), failed);
    put(root, "events",
        counts_of(facts->events_total, "by_kind", facts->events, facts->n_events, failed), failed);
    put(root, "syscalls",
        counts_of(facts->syscalls_total, "by_name", facts->syscalls, facts->n_syscalls, failed),
        failed);
    put(root, "chunks", chunks_of(facts, failed), failed);
    return root;
}

int info_print_json(const struct info *info)
{
    bool failed = false;
    json_t *root = whole(info, &failed);
    if (!failed) {
        json_dumpf(root, stdout, JSON_INDENT(2)); /* what fails here shows in ferror(stdout) */
        putchar('\n');
    }
    json_decref(root);
    return failed ? -ENOMEM : 0;
}

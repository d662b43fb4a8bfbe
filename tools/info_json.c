/* Owns the form of `reprise info --json`. Fields are only ever added within a schema; the manual
 * page reprise-info(1) documents them. */
#include "format/chunk.h"
#include "replayer/origin.h"
#include "tools/info.h"
#include "tools/json_values.h"
#include "tools/text.h"
#include "tools/trace_length.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA 1

static json_t *strings(size_t n, const ProtobufCBinaryData *v, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_add(array, json_bytes(v[i].data, v[i].len), failed);
    return array;
}

static void put_run(json_t *root, const struct info *info, bool *failed)
{
    const Reprise__Header *h = trace_reader_header(info->trace);
    const Reprise__Summary *summary = trace_reader_summary(info->trace);
    char when[TEXT_MAX];
    text_when_iso(h->start_unix_ns, when);
    json_put(root, "program", json_bytes(h->program.data, h->program.len), failed);
    json_put(root, "argv", strings(h->n_argv, h->argv, failed), failed);
    json_put(root, "cwd", json_bytes(h->cwd.data, h->cwd.len), failed);
    json_put(root, "start", json_string(when), failed);
    json_put(root, "start_unix_ns", json_number(h->start_unix_ns), failed);
    json_put(root, "duration_ns", json_number(trace_length_ns(info->trace)), failed);
    json_put(root, "end",
             summary != NULL && !summary->incomplete ? json_end(summary->status, failed)
                                                     : json_null(),
             failed);
    json_put(root, "rewritten", json_number(summary != NULL ? summary->n_rewritten : 0), failed);
    json_put(root, "uncertain", json_number(summary != NULL ? summary->n_uncertain : 0), failed);
    json_put(root, "note", summary != NULL ? json_text(summary->note) : json_string(""), failed);
    json_put(root, "recorder", json_text(h->version), failed);
    json_put(root, "paranoid", json_boolean(h->paranoid), failed);
    json_put(root, "data_limit", json_number(h->data_limit), failed);
    json_put(root, "uid", json_integer(h->uid), failed);
    json_put(root, "host", json_text(h->host), failed);
    json_put(root, "kernel", json_text(h->kernel), failed);
}

static json_t *missing_of(const Reprise__Cpu *detail, bool *failed)
{
    json_t *array = json_array();
    const char *list = detail != NULL ? detail->missing : "", *name;
    for (size_t len; (name = machine_next_name(&list, &len)) != NULL;)
        json_add(array, json_bytes((const uint8_t *)name, len), failed);
    return array;
}

static void put_make(json_t *cpu, const Reprise__Cpu *detail, bool *failed)
{
    struct cpu_identity id;
    bool known = origin_identity(detail, &id);
    json_put(cpu, "vendor", known ? json_string(id.vendor) : json_null(), failed);
    json_put(cpu, "family", known ? json_integer(id.family) : json_null(), failed);
    json_put(cpu, "model_number", known ? json_integer(id.model) : json_null(), failed);
    json_put(cpu, "level",
             detail != NULL ? json_string(cpu_level_name(origin_level(detail))) : json_null(),
             failed);
    json_put(cpu, "missing", missing_of(detail, failed), failed);
}

static json_t *cpu_of(const Reprise__Header *h, bool *failed)
{
    json_t *cpu = json_object();
    json_t *features = json_array();
    const Reprise__Cpu *detail = h->cpu_detail;
    const struct cpu_feature *feature;
    for (size_t i = 0; (feature = cpu_feature(i)) != NULL; i++)
        if (origin_offers(detail, feature))
            json_add(features, json_string(feature->name), failed);
    json_put(cpu, "model", json_text(h->cpu), failed);
    put_make(cpu, detail, failed);
    json_put(cpu, "cpuid_trapped", json_boolean(detail != NULL && detail->cpuid_trapped), failed);
    json_put(cpu, "tsc_trapped", json_boolean(detail != NULL && detail->tsc_trapped), failed);
    json_put(cpu, "baseline", json_boolean(detail != NULL && detail->baseline), failed);
    json_put(cpu, "xcr0", json_number(detail != NULL ? detail->xcr0 : 0), failed);
    json_put(cpu, "features", features, failed);
    return cpu;
}

static json_t *names_of(const struct vendor_counts *counts, bool *failed)
{
    json_t *object = json_object();
    for (enum vendor_insn insn = 0; insn < VENDOR_INSNS; insn++)
        if (counts->n[insn] > 0)
            json_put(object, vendor_insn_name(insn), json_number(counts->n[insn]), failed);
    return object;
}

static json_t *vendor_insns_of(const struct vendor_places *places, bool *failed)
{
    json_t *object = json_object(), *files = json_array();
    for (size_t i = 0; i < places->n; i++) {
        const struct vendor_file *f = &places->files[i];
        json_t *file = json_object();
        json_put(file, "file", json_text(f->name), failed);
        json_put(file, "total", json_number(f->total), failed);
        json_put(file, "by_name", names_of(&f->counts, failed), failed);
        json_add(files, file, failed);
    }
    json_put(object, "total", json_number(places->total), failed);
    json_put(object, "by_name", names_of(&places->counts, failed), failed);
    json_put(object, "files", files, failed);
    return object;
}

static json_t *task_of(const struct fact_task *task, bool *failed)
{
    json_t *object = json_object();
    json_t *argv = json_array();
    size_t at = 0;
    for (size_t i = 0; i < task->argc; at += task->arg_len[i++])
        json_add(argv, json_bytes(task->argv + at, task->arg_len[i]), failed);
    json_put(object, "task", json_integer(task->serial), failed);
    json_put(object, "parent", json_integer(task->parent), failed);
    json_put(object, "pid", json_integer(task->pid), failed);
    json_put(object, "tid", json_integer(task->tid), failed);
    json_put(object, "execs", json_integer(task->execs), failed);
    json_put(object, "argv", argv, failed);
    json_put(object, "end", task->ended ? json_end(task->status, failed) : json_null(), failed);
    return object;
}

static json_t *tasks_of(const struct trace_facts *facts, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->n_tasks; i++)
        json_add(array, task_of(&facts->tasks[i], failed), failed);
    return array;
}

static json_t *counts_of(uint64_t total, const char *key, const struct fact_count *counts, size_t n,
                         bool *failed)
{
    json_t *object = json_object();
    json_t *by = json_object();
    for (size_t i = 0; i < n; i++)
        json_put(by, counts[i].name, json_number(counts[i].n), failed);
    json_put(object, "total", json_number(total), failed);
    json_put(object, key, by, failed);
    return object;
}

static json_t *chunks_of(const struct trace_facts *facts, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->n_chunks; i++) {
        const struct fact_chunks *c = &facts->chunks[i];
        json_t *object = json_object();
        json_put(object, "kind", json_string(chunk_kind_name(c->kind)), failed);
        json_put(object, "count", json_number(c->n), failed);
        json_put(object, "stored", json_number(c->stored), failed);
        json_put(object, "raw", json_number(c->raw), failed);
        json_add(array, object, failed);
    }
    return array;
}

static json_t *whole(const struct info *info, bool *failed)
{
    const struct trace_facts *facts = info->facts;
    json_t *root = json_object();
    json_put(root, "schema", json_integer(SCHEMA), failed);
    json_put(root, "file", json_text(info->path), failed);
    json_put(root, "size", json_number(trace_reader_size(info->trace)), failed);
    json_put(root, "state", json_string(trace_facts_state_name(facts->state)), failed);
    json_put(root, "damage", facts->damage.code != 0 ? json_text(facts->damage.msg) : json_null(),
             failed);
    put_run(root, info, failed);
    json_put(root, "cpu", cpu_of(trace_reader_header(info->trace), failed), failed);
    json_put(root, "vendor_insns", vendor_insns_of(info->places, failed), failed);
    json_put(root, "tasks", tasks_of(facts, failed), failed);
    json_put(root, "argv_cut", json_boolean(facts->argv_cut), failed);
    json_put(root, "events",
             counts_of(facts->events_total, "by_kind", facts->events, facts->n_events, failed),
             failed);
    json_put(
        root, "syscalls",
        counts_of(facts->syscalls_total, "by_name", facts->syscalls, facts->n_syscalls, failed),
        failed);
    json_put(root, "chunks", chunks_of(facts, failed), failed);
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

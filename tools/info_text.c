/* Owns the form of `reprise info` for people. */
#include "base/utf8.h"
#include "format/chunk.h"
#include "replayer/origin.h"
#include "tools/info.h"
#include "tools/output.h"
#include "tools/text.h"
#include "tools/trace_length.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define SYSCALLS_SHOWN  10
#define PROCESSES_SHOWN 1000
#define DEPTH_SHOWN     30
#define FILES_SHOWN     10
#define LABEL           "%-12s"

static void print_buf(struct buf *b)
{
    fwrite(b->data, 1, b->len, stdout);
}

static int quote_args(struct buf *b, size_t n, const ProtobufCBinaryData *args)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        r = i > 0 ? buf_append(b, " ", 1) : 0;
        if (r == 0)
            r = text_quote(b, args[i].data, args[i].len);
    }
    return r;
}

static int print_bytes(const char *label, size_t n, const ProtobufCBinaryData *args)
{
    struct buf b = {0};
    int r = quote_args(&b, n, args);
    if (r == 0) {
        printf(LABEL, label);
        print_buf(&b);
        printf("\n");
    }
    buf_done(&b);
    return r;
}

/* A string of a trace is bytes like any other. */
static int print_string(const char *label, const char *text)
{
    struct buf b = {0};
    int r = utf8_append(&b, text, strlen(text));
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] < 0x20 || b.data[i] == 0x7f)
            b.data[i] = '?';
    if (r == 0) {
        printf(LABEL, label);
        print_buf(&b);
        printf("\n");
    }
    buf_done(&b);
    return r;
}

static void print_end(const Reprise__Summary *summary)
{
    char status[TEXT_MAX];
    if (summary == NULL || summary->incomplete) {
        printf(LABEL "not in the trace\n", "ended");
        return;
    }
    text_status(summary->status, status);
    printf(LABEL "%s %s\n", "ended",
           WIFSIGNALED(summary->status) ? "killed by" : "with exit status", status);
}

static void print_state(const struct info *info)
{
    const Reprise__Summary *summary = trace_reader_summary(info->trace);
    printf(LABEL "%s", "state", trace_facts_state_name(info->facts->state));
    switch (info->facts->state) {
    case FACT_COMPLETE:
        break;
    case FACT_INCOMPLETE:
        printf(": it ends before the program did");
        if (summary != NULL && summary->note != NULL && summary->note[0] != '\0') {
            printf("\n");
            print_string("", summary->note);
            return;
        }
        break;
    case FACT_TORN:
        printf(": its end is missing; it replays up to there");
        break;
    case FACT_DAMAGED:
        printf(": what follows is only what precedes the damage");
        break;
    }
    printf("\n");
}

static int print_run(const struct info *info)
{
    const Reprise__Header *h = trace_reader_header(info->trace);
    char when[TEXT_MAX], took[TEXT_MAX];
    text_when(h->start_unix_ns, when);
    text_duration(trace_length_ns(info->trace), took);
    int r = print_bytes("program", 1, &h->program);
    if (r == 0)
        r = print_bytes("command", h->n_argv, h->argv);
    if (r == 0)
        r = print_bytes("directory", 1, &h->cwd);
    printf(LABEL "%s, took %s\n", "recorded", when, took);
    print_end(trace_reader_summary(info->trace));
    return r;
}

static void print_features(const Reprise__Cpu *cpu)
{
    const struct cpu_feature *feature;
    size_t column = 0;
    printf(LABEL, "needs");
    for (size_t i = 0; (feature = cpu_feature(i)) != NULL; i++) {
        if (!origin_offers(cpu, feature))
            continue;
        if (column + strlen(feature->name) > 80) {
            printf("\n" LABEL, "");
            column = 0;
        }
        printf("%s%s", column > 0 ? " " : "", feature->name);
        column += strlen(feature->name) + 1;
    }
    printf("\n");
}

static int print_missing(const char *names)
{
    struct buf text = {0};
    const char *name;
    size_t len;
    int r = 0;
    while (r == 0 && (name = machine_next_name(&names, &len)) != NULL) {
        r = text.len > 0 ? buf_append(&text, " ", 1) : 0;
        if (r == 0)
            r = buf_append(&text, name, len);
    }
    if (r == 0)
        r = buf_append(&text, "", 1);
    if (r == 0 && text.len > 1)
        r = print_string("lacked", (const char *)text.data);
    buf_done(&text);
    return r;
}

static const char *how_answered(bool trapped, const Reprise__Summary *summary)
{
    if (trapped)
        return "trapped: replay sees what the recording saw";
    return summary != NULL && summary->n_rewritten > 0
               ? "rewritten: replay sees what the recording saw"
               : "not trapped: replay needs a CPU that tells the same";
}

static void print_rewritten(const Reprise__Summary *summary)
{
    if (summary == NULL || summary->n_rewritten + summary->n_uncertain == 0)
        return;
    printf(LABEL "%" PRIu64 " instructions that tell of the machine", "rewritten",
           summary->n_rewritten);
    if (summary->n_uncertain > 0)
        printf("; %" PRIu64 " places that may be some were left alone", summary->n_uncertain);
    printf("\n");
}

/* "fsin 2, fcos 1" */
static int count_names(struct buf *b, const struct vendor_counts *counts)
{
    char text[TEXT_MAX];
    int r = 0;
    for (enum vendor_insn insn = 0; insn < VENDOR_INSNS && r == 0; insn++) {
        if (counts->n[insn] == 0)
            continue;
        int n =
            snprintf(text, sizeof text, ", %s %" PRIu64, vendor_insn_name(insn), counts->n[insn]);
        size_t skip = b->len > 0 ? 0 : 2;
        r = buf_append(b, text + skip, (size_t)n - skip);
    }
    return r;
}

static int print_vendor_file(const struct vendor_file *file)
{
    struct buf names = {0}, line = {0};
    int r = count_names(&names, &file->counts);
    if (r == 0)
        r = buf_append(&line, "  ", 2);
    if (r == 0)
        r = buf_append(&line, file->name, strlen(file->name));
    if (r == 0)
        r = buf_append(&line, ": ", 2);
    if (r == 0)
        r = buf_append(&line, names.data, names.len);
    if (r == 0)
        r = buf_append(&line, "", 1);
    if (r == 0)
        r = print_string("", (const char *)line.data);
    buf_done(&names);
    buf_done(&line);
    return r;
}

static int print_vendor(const struct info *info)
{
    const struct vendor_places *places = info->places;
    const Reprise__Header *h = trace_reader_header(info->trace);
    struct cpu_identity id;
    int r = 0;
    if (places->total == 0)
        return 0;
    bool known = origin_identity(h->cpu_detail, &id);
    printf(LABEL "%" PRIu64
                 " place%s in its code compute%s what differs between vendors' CPUs: a\n",
           "vendor", places->total, places->total == 1 ? "" : "s", places->total == 1 ? "s" : "");
    printf(LABEL "replay on one that is not of %s may differ there\n", "",
           known ? id.vendor : "the same vendor");
    for (size_t i = 0; i < places->n && i < FILES_SHOWN && r == 0; i++)
        r = print_vendor_file(&places->files[i]);
    if (places->n > FILES_SHOWN)
        printf(LABEL "  ... and %zu more files\n", "", places->n - FILES_SHOWN);
    return r;
}

static int print_machine(const struct info *info)
{
    const Reprise__Header *h = trace_reader_header(info->trace);
    const Reprise__Summary *summary = trace_reader_summary(info->trace);
    const Reprise__Cpu *cpu = h->cpu_detail;
    int r = print_string("recorder", h->version);
    if (r == 0)
        r = print_string("host", h->host);
    if (r == 0)
        r = print_string("kernel", h->kernel);
    if (r == 0)
        r = print_string("cpu", h->cpu);
    if (r < 0 || cpu == NULL)
        return r;
    printf(LABEL "%s\n", "cpuid", how_answered(cpu->cpuid_trapped, summary));
    printf(LABEL "%s\n", "tsc", how_answered(cpu->tsc_trapped, summary));
    print_rewritten(summary);
    r = print_vendor(info);
    if (r == 0)
        r = print_missing(cpu->missing);
    enum cpu_level level = origin_level(cpu);
    printf(LABEL "%s\n", "offered",
           level == CPU_HOST ? "what the host has" : cpu_level_name(level));
    print_features(cpu);
    return r;
}

/* ---- processes ---- */

static int quote_task_argv(struct buf *b, const struct fact_task *task)
{
    size_t at = 0;
    int r = 0;
    for (size_t i = 0; i < task->argc && r == 0; at += task->arg_len[i++]) {
        r = i > 0 ? buf_append(b, " ", 1) : 0;
        if (r == 0)
            r = text_quote(b, task->argv + at, task->arg_len[i]);
    }
    return r;
}

static bool is_thread(const struct fact_task *task)
{
    return task->tid != task->pid;
}

static int print_task(const struct fact_task *task, unsigned depth, size_t columns)
{
    char status[TEXT_MAX] = "?";
    if (task->ended)
        text_status(task->status, status);
    struct buf b = {0};
    int r = is_thread(task) ? 0 : quote_task_argv(&b, task);
    if (r == 0) {
        const char *kind = is_thread(task) ? "(thread)" : task->execs == 0 ? "(fork) " : "";
        int used = printf("  %*s%-*d %-8s %s", (int)depth * 2, "", 8, task->tid, status, kind);
        size_t room = columns > (size_t)used ? columns - (size_t)used : 0;
        size_t len = columns > 0 ? text_cut((const char *)b.data, b.len, room) : b.len;
        fwrite(b.data, 1, len, stdout);
        printf("\n");
    }
    buf_done(&b);
    return r;
}

static int print_processes(const struct trace_facts *facts)
{
    size_t columns = output_columns(), shown = 0;
    unsigned depth = 0;
    int r = 0;
    size_t threads = 0;
    for (size_t i = 0; i < facts->n_tasks; i++)
        threads += is_thread(&facts->tasks[i]);
    printf("\n" LABEL "%zu", "processes", facts->n_tasks - threads);
    if (threads > 0)
        printf(" and %zu more thread%s", threads, threads == 1 ? "" : "s");
    printf("\n");
    for (size_t i = facts->first_root; i != FACT_TASK_NONE && r == 0 && shown < PROCESSES_SHOWN;
         i = trace_facts_next_task(facts, i, &depth), shown++)
        r = print_task(&facts->tasks[i], depth < DEPTH_SHOWN ? depth : DEPTH_SHOWN, columns);
    if (shown < facts->n_tasks)
        printf("  ... and %zu more\n", facts->n_tasks - shown);
    return r;
}

/* ---- counts ---- */

static void print_counts(const char *title, uint64_t total, const struct fact_count *counts,
                         size_t n, size_t shown)
{
    printf("\n%-22s %12" PRIu64 "\n", title, total);
    for (size_t i = 0; i < n && i < shown; i++)
        printf("  %-20s %12" PRIu64 "\n", counts[i].name, counts[i].n);
    if (n > shown)
        printf("  ... and %zu others\n", n - shown);
}

static void print_sizes(const struct info *info)
{
    char size[TEXT_MAX], raw[TEXT_MAX];
    text_size(trace_reader_size(info->trace), size);
    printf("\n%-12s %12s\n", "size", size);
    for (size_t i = 0; i < info->facts->n_chunks; i++) {
        const struct fact_chunks *c = &info->facts->chunks[i];
        text_size(c->stored, size);
        text_size(c->raw, raw);
        printf("  %-10s %12s in %" PRIu64 " chunk%s, %s uncompressed\n", chunk_kind_name(c->kind),
               size, c->n, c->n == 1 ? "" : "s", raw);
    }
}

int info_print_text(const struct info *info)
{
    int r = print_string("trace", info->path);
    print_state(info);
    if (r == 0)
        r = print_run(info);
    if (r == 0)
        r = print_machine(info);
    if (r == 0)
        r = print_processes(info->facts);
    print_counts("events", info->facts->events_total, info->facts->events, info->facts->n_events,
                 EVENT_KINDS);
    print_counts("system calls", info->facts->syscalls_total, info->facts->syscalls,
                 info->facts->n_syscalls, SYSCALLS_SHOWN);
    print_sizes(info);
    return r;
}

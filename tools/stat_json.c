/* Owns the form of `reprise stat --json`. Fields are only ever added within a schema; the manual
 * page reprise-stat(1) documents them. */
#include "tools/json_values.h"
#include "tools/stat_view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SCHEMA 1

static void put_sums(json_t *object, const struct stat_sums *s, bool *failed)
{
    json_put(object, "calls", json_number(s->calls), failed);
    json_put(object, "errors", json_number(s->errors), failed);
    json_put(object, "unfinished", json_number(s->unfinished), failed);
    json_put(object, "total_ns", json_number(s->total_ns), failed);
    json_put(object, "average_ns", json_number(stat_average(s)), failed);
    json_put(object, "max_ns", json_number(s->max_ns), failed);
    json_put(object, "bytes_in", json_number(s->bytes_in), failed);
    json_put(object, "bytes_out", json_number(s->bytes_out), failed);
}

static void put_process(json_t *object, const struct walk_process *process, bool *failed)
{
    const struct walk_program *program = process->program;
    json_t *argv = json_array();
    for (size_t i = 0; program != NULL && i < program->argc; i++)
        json_add(argv, json_bytes(program->argv[i], program->lens[i]), failed);
    json_put(object, "process", json_integer(process->number), failed);
    json_put(object, "pid", json_integer(process->pid), failed);
    json_put(object, "argv", argv, failed);
}

static json_t *row_of(enum stat_by by, const struct stat_row *row, bool *failed)
{
    json_t *object = json_object();
    if (by == STAT_BY_PROCESS)
        put_process(object, row->owner, failed);
    else
        json_put(object, "name", json_bytes(row->name, row->name_len), failed);
    if (by == STAT_BY_SIZE) {
        json_put(object, "stored", json_number(row->sums.stored), failed);
        json_put(object, "raw", json_number(row->sums.raw), failed);
        json_put(object, "count", json_number(row->sums.calls), failed);
    } else {
        put_sums(object, &row->sums, failed);
    }
    return object;
}

static json_t *table_of(const struct trace_stat *stat, enum stat_by by,
                        const struct stat_choice *choice, bool *failed)
{
    const struct stat_row **rows = stat_view_sort(stat, by, choice->key);
    size_t n = stat->by[by].n;
    json_t *array = json_array();
    if (choice->top > 0 && choice->top < n)
        n = choice->top;
    for (size_t i = 0; rows != NULL && i < n; i++)
        json_add(array, row_of(by, rows[i], failed), failed);
    if (rows == NULL)
        *failed = true;
    free(rows);
    return array;
}

static json_t *cost_of(const Reprise__Cost *cost, bool *failed)
{
    if (cost == NULL)
        return json_null();
    json_t *object = json_object();
    json_put(object, "recorder_user_ns", json_number(cost->recorder_user), failed);
    json_put(object, "recorder_system_ns", json_number(cost->recorder_system), failed);
    json_put(object, "recorder_memory", json_number(cost->recorder_memory), failed);
    json_put(object, "program_user_ns", json_number(cost->program_user), failed);
    json_put(object, "program_system_ns", json_number(cost->program_system), failed);
    json_put(object, "stops", json_number(cost->stops), failed);
    return object;
}

static json_t *whole(const struct trace_stat *stat, const struct stat_choice *choice,
                     const char *path, bool *failed)
{
    struct trace_reader *reader = stat->view.reader;
    const Reprise__Summary *summary = trace_reader_summary(reader);
    json_t *root = json_object(), *total = json_object(), *by_all = json_object();
    bool names_cut = false;
    put_sums(total, &stat->total, failed);
    for (enum stat_by by = 0; by < STAT_BY_COUNT; by++) {
        names_cut = names_cut || stat->by[by].rest_names > 0;
        if (choice->by[by])
            json_put(by_all, stat_by_name(by), table_of(stat, by, choice, failed), failed);
    }
    json_put(root, "schema", json_integer(SCHEMA), failed);
    json_put(root, "file", json_text(path), failed);
    json_put(root, "torn", json_boolean(trace_reader_is_torn(reader)), failed);
    json_put(root, "damage", stat->damage.code != 0 ? json_text(stat->damage.msg) : json_null(),
             failed);
    json_put(root, "size", json_number(trace_reader_size(reader)), failed);
    json_put(root, "events", json_number(stat->events), failed);
    json_put(root, "total", total, failed);
    json_put(root, "cost", cost_of(summary != NULL ? summary->cost : NULL, failed), failed);
    json_put(root, "by", by_all, failed);
    json_put(root, "names_cut", json_boolean(names_cut), failed);
    return root;
}

int stat_print_json(const struct trace_stat *stat, const struct stat_choice *choice,
                    const char *path)
{
    bool failed = false;
    json_t *root = whole(stat, choice, path, &failed);
    if (!failed && json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0)
        putchar('\n');
    json_decref(root);
    return failed ? -ENOMEM : 0;
}

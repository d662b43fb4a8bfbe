/* Owns the names of tables and of keys to sort by, the order of rows and what they are called. */
#include "tools/stat_view.h"

#include "tools/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const by_names[STAT_BY_COUNT] = {
    [STAT_BY_SYSCALL] = "syscall", [STAT_BY_FILE] = "file", [STAT_BY_PEER] = "peer",
    [STAT_BY_PROCESS] = "process", [STAT_BY_SIZE] = "size",
};

static const char *const key_names[] = {
    [STAT_KEY_TIME] = "time",   [STAT_KEY_AVERAGE] = "average", [STAT_KEY_MAX] = "max",
    [STAT_KEY_CALLS] = "calls", [STAT_KEY_ERRORS] = "errors",   [STAT_KEY_IN] = "in",
    [STAT_KEY_OUT] = "out",     [STAT_KEY_NAME] = "name",
};

const char *stat_by_name(enum stat_by by)
{
    return by_names[by];
}

int stat_by_parse(const char *name, size_t len)
{
    for (int i = 0; i < STAT_BY_COUNT; i++)
        if (strlen(by_names[i]) == len && memcmp(by_names[i], name, len) == 0)
            return i;
    return -1;
}

int stat_key_parse(const char *name)
{
    for (size_t i = 0; i < sizeof key_names / sizeof key_names[0]; i++)
        if (strcmp(key_names[i], name) == 0)
            return (int)i;
    return -1;
}

uint64_t stat_average(const struct stat_sums *sums)
{
    uint64_t finished = sums->calls - sums->unfinished;
    return finished > 0 ? sums->total_ns / finished : 0;
}

/* ---- order ---- */

static int by_name(const struct stat_row *a, const struct stat_row *b)
{
    size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
    int r = memcmp(a->name, b->name, len);
    if (r != 0)
        return r;
    if (a->name_len != b->name_len)
        return a->name_len < b->name_len ? -1 : 1;
    const struct walk_process *x = a->owner, *y = b->owner;
    return x == y || x == NULL || y == NULL ? 0 : x->number < y->number ? -1 : 1;
}

static uint64_t weight(const struct stat_row *row, enum stat_key key)
{
    switch (key) {
    case STAT_KEY_TIME:
        return row->sums.total_ns;
    case STAT_KEY_AVERAGE:
        return stat_average(&row->sums);
    case STAT_KEY_MAX:
        return row->sums.max_ns;
    case STAT_KEY_CALLS:
        return row->sums.calls;
    case STAT_KEY_ERRORS:
        return row->sums.errors;
    case STAT_KEY_IN:
        return row->sums.bytes_in;
    case STAT_KEY_OUT:
        return row->sums.bytes_out;
    case STAT_KEY_NAME:
        return 0;
    }
    return 0;
}

static int compare(const void *a, const void *b, void *key)
{
    const struct stat_row *x = *(const struct stat_row *const *)a;
    const struct stat_row *y = *(const struct stat_row *const *)b;
    uint64_t m = weight(x, *(const enum stat_key *)key), n = weight(y, *(const enum stat_key *)key);
    return m != n ? (m > n ? -1 : 1) : by_name(x, y);
}

static int compare_size(const void *a, const void *b)
{
    const struct stat_row *x = *(const struct stat_row *const *)a;
    const struct stat_row *y = *(const struct stat_row *const *)b;
    if (x->sums.stored != y->sums.stored)
        return x->sums.stored > y->sums.stored ? -1 : 1;
    return by_name(x, y);
}

const struct stat_row **stat_view_sort(const struct trace_stat *stat, enum stat_by by,
                                       enum stat_key key)
{
    const struct stat_table *table = &stat->by[by];
    const struct stat_row **rows = calloc(table->n + 1, sizeof(*rows));
    if (rows == NULL)
        return NULL;
    for (size_t i = 0; i < table->n; i++)
        rows[i] = &table->v[i];
    if (by == STAT_BY_SIZE)
        qsort(rows, table->n, sizeof *rows, compare_size);
    else
        qsort_r(rows, table->n, sizeof *rows, compare, &key);
    return rows;
}

/* ---- names ---- */

static bool is_plain(const struct stat_row *row)
{
    for (size_t i = 0; i < row->name_len; i++)
        if (row->name[i] <= 0x20 || row->name[i] == 0x7f)
            return false;
    return row->name_len > 0;
}

/* Quoted only where a reader could be misled: names of pipes and sockets have brackets. */
static int append_name(const struct stat_row *row, struct buf *out)
{
    return is_plain(row) ? buf_append(out, row->name, row->name_len)
                         : text_quote(out, row->name, row->name_len);
}

int stat_view_label(enum stat_by by, const struct stat_row *row, struct buf *out)
{
    if (by == STAT_BY_SIZE && strncmp(row->name, "mapped file ", 12) != 0)
        return buf_append(out, row->name, row->name_len);
    if (by == STAT_BY_SIZE) {
        int r = buf_append(out, row->name, 12);
        return r == 0 ? text_quote(out, row->name + 12, row->name_len - 12) : r;
    }
    if (by != STAT_BY_PROCESS)
        return append_name(row, out);
    const struct walk_process *process = row->owner;
    const struct walk_program *program = process->program;
    char pid[32];
    int r = buf_append(out, pid, (size_t)snprintf(pid, sizeof pid, "%d", (int)process->pid));
    for (size_t i = 0; program != NULL && i < program->argc && r == 0; i++) {
        r = buf_append(out, " ", 1);
        if (r == 0)
            r = text_quote(out, program->argv[i], program->lens[i]);
    }
    return r;
}

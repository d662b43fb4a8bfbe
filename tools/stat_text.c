/* Owns the form of `reprise stat` for people: columns named as in strace -c. */
#include "tools/output.h"
#include "tools/stat_view.h"
#include "tools/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CALL_COLUMNS "%6s %11s %11s %11s %9s %9s %10s %10s  %s\n"
#define SIZE_COLUMNS "%11s %12s %10s  %s\n"

/* Cuts at the edge of a terminal. */
static void print_label(const struct buf *label, size_t used)
{
    size_t columns = output_columns(), len = label->len;
    if (columns > 0)
        len = text_cut((const char *)label->data, len, columns > used ? columns - used : 0);
    fwrite(label->data, 1, len, stdout);
    printf("\n");
}

static void print_sums(const struct stat_sums *s, uint64_t all_ns)
{
    char in[TEXT_MAX] = "", out[TEXT_MAX] = "", errors[32] = "";
    if (s->bytes_in > 0)
        text_size(s->bytes_in, in);
    if (s->bytes_out > 0)
        text_size(s->bytes_out, out);
    if (s->errors > 0)
        snprintf(errors, sizeof errors, "%" PRIu64, s->errors);
    double share = all_ns > 0 ? 100.0 * (double)s->total_ns / (double)all_ns : 0;
    printf("%6.2f %11.6f %11.1f %11.1f %9" PRIu64 " %9s %10s %10s  ", share,
           (double)s->total_ns / 1e9, (double)stat_average(s) / 1e3, (double)s->max_ns / 1e3,
           s->calls, errors, in, out);
}

static void print_size(const struct stat_sums *s)
{
    char stored[TEXT_MAX], raw[TEXT_MAX];
    text_size(s->stored, stored);
    text_size(s->raw, raw);
    printf("%11s %12s %10" PRIu64 "  ", stored, raw, s->calls);
}

static int print_row(const struct trace_stat *stat, enum stat_by by, const struct stat_row *row)
{
    struct buf label = {0};
    int r = stat_view_label(by, row, &label);
    if (r == 0 && by == STAT_BY_SIZE) {
        print_size(&row->sums);
        print_label(&label, 37);
    } else if (r == 0) {
        print_sums(&row->sums, stat->total.total_ns);
        print_label(&label, 86);
    }
    buf_done(&label);
    return r;
}

static void print_head(enum stat_by by)
{
    if (by == STAT_BY_SIZE)
        printf("\n" SIZE_COLUMNS, "in the file", "uncompressed", "how often",
               "trace size by cause");
    else
        printf("\n" CALL_COLUMNS, "% time", "seconds", "usecs/call", "max usecs", "calls", "errors",
               "bytes in", "bytes out", stat_by_name(by));
}

static int print_table(const struct trace_stat *stat, enum stat_by by,
                       const struct stat_choice *choice)
{
    const struct stat_table *table = &stat->by[by];
    size_t n = choice->top > 0 && choice->top < table->n ? choice->top : table->n;
    const struct stat_row **rows = stat_view_sort(stat, by, choice->key);
    if (rows == NULL)
        return -ENOMEM;
    print_head(by);
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = print_row(stat, by, rows[i]);
    struct stat_sums rest = table->rest;
    for (size_t i = n; i < table->n; i++)
        stat_sums_add(&rest, &rows[i]->sums);
    free(rows);
    bool more = n < table->n || table->rest_names > 0;
    if (more && by == STAT_BY_SIZE)
        print_size(&rest);
    else if (more)
        print_sums(&rest, stat->total.total_ns);
    if (more && table->rest_names == 0)
        printf("(%zu more)\n", table->n - n);
    else if (more)
        printf("(more than %zu more)\n", table->n - n);
    return r;
}

static void print_total(const struct trace_stat *stat)
{
    print_sums(&stat->total, stat->total.total_ns);
    printf("total\n");
    if (stat->total.unfinished > 0)
        printf("%" PRIu64 " of the calls had not ended when their task or the trace did\n",
               stat->total.unfinished);
}

static void print_cost(const struct trace_stat *stat)
{
    const Reprise__Summary *summary = trace_reader_summary(stat->view.reader);
    const Reprise__Cost *cost = summary != NULL ? summary->cost : NULL;
    if (cost == NULL) {
        printf("\nthe trace does not tell what its recording took\n");
        return;
    }
    char memory[TEXT_MAX];
    text_size(cost->recorder_memory, memory);
    double own = (double)(cost->recorder_user + cost->recorder_system);
    printf("\n%-12s %.3f s of processor time (%.3f user, %.3f system), %s of memory\n", "recorder",
           own / 1e9, (double)cost->recorder_user / 1e9, (double)cost->recorder_system / 1e9,
           memory);
    printf("%-12s %.3f s of processor time (%.3f user, %.3f system)\n", "program",
           (double)(cost->program_user + cost->program_system) / 1e9,
           (double)cost->program_user / 1e9, (double)cost->program_system / 1e9);
    printf("%-12s %" PRIu64, "stops", cost->stops);
    if (cost->stops > 0)
        printf(", %.1f us of the recorder's time each", own / 1e3 / (double)cost->stops);
    printf("; %" PRIu64 " events\n", stat->events);
}

int stat_print_text(const struct trace_stat *stat, const struct stat_choice *choice)
{
    int r = 0;
    for (enum stat_by by = 0; by < STAT_BY_SIZE && r == 0; by++)
        if (choice->by[by])
            r = print_table(stat, by, choice);
    printf("\n");
    print_total(stat);
    print_cost(stat);
    if (r == 0 && choice->by[STAT_BY_SIZE])
        r = print_table(stat, STAT_BY_SIZE, choice);
    return r;
}

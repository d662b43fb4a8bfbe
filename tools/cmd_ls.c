/* Owns `reprise ls`: the table of traces in the directory. */
#include "base/scope.h"
#include "format/trace_reader.h"
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"
#include "tools/text.h"
#include "tools/trace_dir.h"
#include "tools/trace_length.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int run(int argc, char **argv);

const struct command command_ls = {
    .name = "ls",
    .usage = "",
    .help = "List the traces in the trace directory, the newest last",
    .run = run,
};

enum key { KEY_NAMES = 256 };

static const struct argp_option options[] = {
    {"names", KEY_NAMES, NULL, 0, "Print only the names", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    bool *names_only = state->input;
    switch (key) {
    case KEY_NAMES:
        *names_only = true;
        return 0;
    case ARGP_KEY_ARG:
        report_error("ls takes no argument, such as '%s'", arg);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct row {
    uint64_t start_ns; /* 0: unknown */
    size_t place;      /* in the list of names */
    char when[TEXT_MAX], took[TEXT_MAX], size[TEXT_MAX], status[TEXT_MAX];
    char *name;
    char *command; /* or what is wrong with the trace */
};

static char *quoted_command(const Reprise__Header *header)
{
    struct buf b = {0};
    int r = 0;
    for (size_t i = 0; i < header->n_argv && r == 0; i++) {
        r = i > 0 ? buf_append(&b, " ", 1) : 0;
        if (r == 0)
            r = text_quote(&b, header->argv[i].data, header->argv[i].len);
    }
    if (r == 0)
        r = buf_append(&b, "", 1);
    if (r == 0)
        return (char *)b.data;
    buf_done(&b);
    return NULL;
}

static void fill_from_trace(struct row *row, const struct trace_reader *trace)
{
    const Reprise__Header *header = trace_reader_header(trace);
    const Reprise__Summary *summary = trace_reader_summary(trace);
    row->start_ns = header->start_unix_ns;
    text_when(header->start_unix_ns, row->when);
    text_duration(trace_length_ns(trace), row->took);
    text_size(trace_reader_size(trace), row->size);
    if (summary == NULL)
        strcpy(row->status, "torn");
    else if (summary->incomplete)
        strcpy(row->status, "cut");
    else
        text_status(summary->status, row->status);
    row->command = quoted_command(header);
}

/* A trace that cannot be read gets a row that says so. */
static int fill_row(struct row *row, const char *dir, const char *file)
{
    row->name = strndup(file, strlen(file) - strlen(TRACE_SUFFIX));
    char *path SCOPE_FREE = trace_dir_join(dir, file);
    if (row->name == NULL || path == NULL)
        return -ENOMEM;
    struct err err = {0};
    struct trace_reader *trace = NULL;
    if (trace_reader_open(path, &trace, &err) == 0) {
        fill_from_trace(row, trace);
        trace_reader_free(trace);
    } else {
        strcpy(row->when, "?");
        strcpy(row->took, "?");
        strcpy(row->size, "?");
        strcpy(row->status, "?");
        row->command = strdup("(unreadable; 'reprise check' tells why)");
    }
    return row->command != NULL ? 0 : -ENOMEM;
}

/* By start; one of unknown start stays behind those changed before it. */
static int by_start(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static size_t width_of_names(const struct row *rows, size_t n)
{
    size_t width = strlen("NAME");
    for (size_t i = 0; i < n; i++)
        if (strlen(rows[i].name) > width)
            width = strlen(rows[i].name);
    return width;
}

static void print_row(const struct row *row, size_t width, size_t columns)
{
    int used = printf("%-*s  %-19s  %11s  %9s  %-9s  ", (int)width, row->name, row->when, row->took,
                      row->size, row->status);
    size_t len = strlen(row->command);
    if (columns > 0)
        len = text_cut(row->command, len, columns > (size_t)used ? columns - (size_t)used : 0);
    printf("%.*s\n", (int)len, row->command);
}

static void print_table(struct row *rows, size_t n)
{
    size_t width = width_of_names(rows, n), columns = output_columns();
    qsort(rows, n, sizeof *rows, by_start);
    print_row(&(struct row){.name = (char *)"NAME",
                            .when = "WHEN",
                            .took = "TOOK",
                            .size = "SIZE",
                            .status = "STATUS",
                            .command = (char *)"COMMAND"},
              width, columns);
    for (size_t i = 0; i < n; i++)
        print_row(&rows[i], width, columns);
}

static int list(const char *dir, const struct trace_names *names)
{
    struct row *rows = calloc(names->n, sizeof *rows);
    int r = rows == NULL ? -ENOMEM : 0;
    for (size_t i = 0; i < names->n && r == 0; i++) {
        rows[i].place = i;
        r = fill_row(&rows[i], dir, names->v[i]);
    }
    if (r == 0)
        print_table(rows, names->n);
    else
        report_error("out of memory");
    for (size_t i = 0; i < names->n && rows != NULL; i++) {
        free(rows[i].name);
        free(rows[i].command);
    }
    free(rows);
    return r == 0 ? 0 : EXIT_REPRISE;
}

static void list_names(const struct trace_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        printf("%.*s\n", (int)(strlen(names->v[i]) - strlen(TRACE_SUFFIX)), names->v[i]);
}

static int run(int argc, char **argv)
{
    bool names_only = false;
    int status = options_parse(&command_ls, options, parse, false, NULL, argc, argv, &names_only);
    if (status != 0)
        return status;
    struct err err = {0};
    char *dir SCOPE_FREE = NULL;
    struct trace_names names = {0};
    if (trace_dir_path(&dir, &err) < 0 || trace_dir_list(dir, &names, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    if (names_only)
        list_names(&names);
    else if (names.n == 0)
        report_note("no traces in %s; 'reprise record PROGRAM' makes one", dir);
    else
        status = list(dir, &names);
    trace_names_done(&names);
    int finished = output_finish();
    return status != 0 ? status : finished;
}

/* Owns `reprise stat`: where the time, the calls, the bytes and the size of a trace go. */
#include "base/scope.h"
#include "format/trace_reader.h"
#include "stat/stat.h"
#include "tools/command.h"
#include "tools/confined.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"
#include "tools/stat_view.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TOP 40 /* rows of a table for people */

static int run(int argc, char **argv);

const struct command command_stat = {
    .name = "stat",
    .usage = "[TRACE]",
    .help = "Sum up calls by name, file, peer and process; tell the cost",
    .run = run,
};

enum key { KEY_JSON = 256, KEY_BY, KEY_SORT, KEY_TOP };

static const struct argp_option options[] = {
    {"by", KEY_BY, "LIST", 0, "What to sum up by: syscall, file, peer, process, size; all", 0},
    {"sort", KEY_SORT, "KEY", 0,
     "Order by time, average, max, calls, errors, in, out or name; default: time", 0},
    {"top", KEY_TOP, "N", 0, "Rows of each table, 0: all; default: 40, with --json all", 0},
    {"json", KEY_JSON, NULL, 0, "Tell it in JSON; reprise-stat(1) documents the fields", 0},
    {0},
};

struct choice {
    const char *trace;
    bool json, by_given, top_given;
    struct stat_choice stat;
};

static int parse_by(struct choice *choice, const char *list)
{
    choice->by_given = true;
    for (const char *p = list;; p++) {
        size_t len = strcspn(p, ",");
        int by = stat_by_parse(p, len);
        bool all = len == 3 && memcmp(p, "all", 3) == 0;
        if (by < 0 && !all) {
            report_error("--by=%s: it sums up by syscall, file, peer, process, size, or all", list);
            return EINVAL;
        }
        for (int i = 0; i < STAT_BY_COUNT; i++)
            choice->stat.by[i] = choice->stat.by[i] || all || i == by;
        p += len;
        if (*p == '\0')
            return 0;
    }
}

static int parse_top(struct choice *choice, const char *arg)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(arg, &end, 10);
    if (!isdigit((unsigned char)arg[0]) || *end != '\0' || errno != 0 || n > SIZE_MAX) {
        report_error("--top=%s is no number", arg);
        return EINVAL;
    }
    choice->stat.top = (size_t)n;
    choice->top_given = true;
    return 0;
}

static int parse_sort(struct choice *choice, const char *arg)
{
    int key = stat_key_parse(arg);
    if (key < 0) {
        report_error("--sort=%s: it orders by time, average, max, calls, errors, in, out or name",
                     arg);
        return EINVAL;
    }
    choice->stat.key = (enum stat_key)key;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case KEY_BY:
        return parse_by(choice, arg);
    case KEY_SORT:
        return parse_sort(choice, arg);
    case KEY_TOP:
        return parse_top(choice, arg);
    case KEY_JSON:
        choice->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            report_error("stat takes one trace");
            return EINVAL;
        }
        choice->trace = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* People get what matters most times; programs get everything. */
static void fill_in(struct choice *choice)
{
    for (int i = 0; i < STAT_BY_COUNT && !choice->by_given; i++)
        choice->stat.by[i] = choice->json || i == STAT_BY_SYSCALL || i == STAT_BY_SIZE;
    if (!choice->top_given && !choice->json)
        choice->stat.top = TOP;
}

static int print(const struct choice *choice, const char *path, struct trace_reader *trace)
{
    struct err err = {0};
    struct trace_stat stat;
    if (stat_gather(trace, &stat, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    int r = choice->json ? stat_print_json(&stat, &choice->stat, path)
                         : stat_print_text(&stat, &choice->stat);
    int status = output_finish();
    if (r < 0) {
        report_error("out of memory");
        status = EXIT_REPRISE;
    }
    if (trace_reader_is_torn(trace))
        report_warning("%s is torn: its end is missing", path);
    if (stat.damage.code != 0) {
        report_error("%s", stat.damage.msg);
        status = EXIT_REPRISE;
    }
    stat_done(&stat);
    return status;
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    int status = options_parse(&command_stat, options, parse, false, NULL, argc, argv, &choice);
    if (status != 0)
        return status;
    fill_in(&choice);
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away shows in the write, and is no error */
    struct err err = {0};
    struct trace_reader *trace = NULL;
    char *path SCOPE_FREE = NULL;
    const struct confinement confinement = {.landlock = true};
    if (confined_open_arg(choice.trace, &confinement, &trace, &path, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    status = print(&choice, path, trace);
    trace_reader_free(trace);
    return status;
}

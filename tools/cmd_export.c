/* Owns `reprise export`: a trace in forms that other programs read. */
#include "base/scope.h"
#include "export/export.h"
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/out_file.h"
#include "tools/report.h"
#include "tools/trace_arg.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define STRING_MAX 64     /* bytes shown of a string */
#define ROW_MAX    500000 /* events in a page */

static int run(int argc, char **argv);

const struct command command_export = {
    .name = "export",
    .usage = "[TRACE]",
    .help = "Write it for Perfetto, a browser, Wireshark or SQLite",
    .run = run,
};

enum form { FORM_PERFETTO = 0, FORM_HTML, FORM_PCAP, FORM_SQLITE, FORM_COUNT };

static int (*const exports[FORM_COUNT])(const struct export_job *job, struct export_result *ret,
                                        struct err *err) = {
    [FORM_PERFETTO] = export_perfetto,
    [FORM_HTML] = export_html,
    [FORM_PCAP] = export_pcap,
    [FORM_SQLITE] = export_sqlite,
};

enum key { KEY_FORM = 256, KEY_FORCE = KEY_FORM + FORM_COUNT, KEY_RANGE, KEY_LIMIT };

static const struct argp_option options[] = {
    {"perfetto", KEY_FORM + FORM_PERFETTO, "FILE", 0,
     "Chrome Trace Event JSON, which ui.perfetto.dev opens", 0},
    {"html", KEY_FORM + FORM_HTML, "FILE", 0, "One page for a browser, with a timeline", 0},
    {"pcap", KEY_FORM + FORM_PCAP, "FILE", 0, "The traffic of sockets, for Wireshark", 0},
    {"sqlite", KEY_FORM + FORM_SQLITE, "FILE", 0, "A database of events, files and processes", 0},
    {"force", KEY_FORCE, NULL, 0, "Overwrite files that exist", 0},
    {"range", KEY_RANGE, "EVENT-EVENT", 0, "Only these events, by number; an end may be left out",
     0},
    {"string-limit", 's', "N", 0, "Bytes shown of a string or buffer; default: 64", 0},
    {"limit", KEY_LIMIT, "N", 0, "Events in a page; default: 500000", 0},
    {0},
};

struct choice {
    const char *trace;
    const char *files[FORM_COUNT];
    bool force;
    uint64_t first, last, string_max, row_max;
};

static bool parse_number(const char *text, const char **ret_end, uint64_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || errno != 0)
        return false;
    *ret_end = end;
    *ret = n;
    return true;
}

static int parse_range(struct choice *choice, const char *arg)
{
    const char *p = arg;
    bool ok = *p == '-' || parse_number(p, &p, &choice->first);
    ok = ok && *p == '-';
    p += ok;
    ok = ok && (*p == '\0' || parse_number(p, &p, &choice->last));
    if (ok && *p == '\0' && strcmp(arg, "-") != 0 && choice->first <= choice->last)
        return 0;
    report_error("--range=%s is no range of events such as 100-200, 100- or -200", arg);
    return EINVAL;
}

static int parse_count(const char *option, const char *arg, uint64_t *ret)
{
    const char *end;
    uint64_t n;
    if (parse_number(arg, &end, &n) && *end == '\0' && n > 0 && n <= SIZE_MAX / 2) {
        *ret = n;
        return 0;
    }
    report_error("%s %s is no number of at least 1", option, arg);
    return EINVAL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    if (key >= KEY_FORM && key < KEY_FORM + FORM_COUNT) {
        choice->files[key - KEY_FORM] = arg;
        return 0;
    }
    switch (key) {
    case KEY_FORCE:
        choice->force = true;
        return 0;
    case KEY_RANGE:
        return parse_range(choice, arg);
    case KEY_LIMIT:
        return parse_count("--limit", arg, &choice->row_max);
    case 's':
        return parse_count("-s", arg, &choice->string_max);
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            report_error("export takes one trace");
            return EINVAL;
        }
        choice->trace = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* 0 also when the reader of a pipe has gone away. */
static int told(int r, const char *path, const struct err *err)
{
    if (r >= 0 || r == -EPIPE)
        return 0;
    if (err->code != 0)
        report_error("%s", err->msg);
    else
        report_error("cannot write %s: %s", strcmp(path, "-") == 0 ? "to standard output" : path,
                     strerror(-r));
    return EXIT_REPRISE;
}

static int export_one(const struct choice *choice, enum form form, struct trace_reader *trace,
                      const char *trace_path)
{
    const char *path = choice->files[form];
    struct out_file file = {0};
    struct err err = {0};
    if (out_file_open(path, choice->force, trace_path, &file, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    const struct export_job job = {
        .reader = trace,
        .fd = file.fd,
        .path = out_file_path(&file),
        .first = choice->first,
        .last = choice->last,
        .string_max = (size_t)choice->string_max,
        .row_max = choice->row_max,
    };
    struct export_result result = {0};
    int r = exports[form](&job, &result, &err);
    int status = told(r, path, &err);
    if (r >= 0 && out_file_keep(&file, &err) < 0)
        status = told(-err.code, path, &err);
    out_file_done(&file);
    if (r >= 0 && result.note[0] != '\0')
        report_note("%s", result.note);
    if (result.damage.code != 0) {
        report_error("%s", result.damage.msg);
        status = EXIT_REPRISE;
    }
    return status;
}

static int export_all(const struct choice *choice)
{
    struct err err = {0};
    struct trace_reader *trace = NULL;
    char *path SCOPE_FREE = NULL;
    if (trace_arg_open(choice->trace, &trace, &path, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    int status = 0;
    for (enum form form = 0; form < FORM_COUNT && status == 0; form++)
        if (choice->files[form] != NULL)
            status = export_one(choice, form, trace, path);
    if (trace_reader_is_torn(trace))
        report_warning("%s is torn: its end is missing", path);
    trace_reader_free(trace);
    return status;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.last = UINT64_MAX, .string_max = STRING_MAX, .row_max = ROW_MAX};
    int status = options_parse(&command_export, options, parse, false, NULL, argc, argv, &choice);
    if (status != 0)
        return status;
    bool any = false;
    for (enum form form = 0; form < FORM_COUNT; form++)
        any = any || choice.files[form] != NULL;
    if (!any) {
        report_error("export into what? --perfetto, --html, --pcap or --sqlite, with a file");
        return EXIT_REPRISE;
    }
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away shows in the write, and is no error */
    signal(SIGXFSZ, SIG_IGN);
    return export_all(&choice);
}

/* Owns `reprise dump`: its options, and where the lines go. */
#include "base/scope.h"
#include "tools/command.h"
#include "tools/confined.h"
#include "tools/dump_follow.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/trace_arg.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JSON_BYTES 4096 /* of each buffer, unless -s tells */
#define OUT_BUFFER (1u << 20)

static int run(int argc, char **argv);

const struct command command_dump = {
    .name = "dump",
    .usage = "[TRACE]",
    .help = "Print the system calls and signals of a trace, as strace does",
    .run = run,
};

enum key { KEY_RANGE = 256, KEY_FOLLOW, KEY_JSON, KEY_EVENTS, KEY_INTERNAL };

static const struct argp_option options[] = {
    {"trace", 'e', "EXPR", 0,
     "trace=SET: system calls by name, %class or /regex, !SET: all others; status=SET; signal=SET",
     0},
    {NULL, 'p', "PID", 0, "Only this process or thread; may be given more than once", 0},
    {NULL, 'f', NULL, 0, "All processes: so it is anyway", 0},
    {NULL, 'P', "PATH", 0, "Only calls on this path", 0},
    {NULL, 'z', NULL, 0, "Only calls that succeeded", 0},
    {NULL, 'Z', NULL, 0, "Only calls that failed", 0},
    {"range", KEY_RANGE, "EVENT-EVENT", 0, "Only these events, by number", 0},
    {NULL, 's', "N", 0, "Bytes shown of a string or buffer; default: 32", 1},
    {NULL, 'x', NULL, 0, "Strings that are no text in hexadecimal; twice: all strings", 1},
    {NULL, 'v', NULL, 0, "All fields of structs, all elements of arrays", 1},
    {NULL, 'X', "FORMAT", 0, "Constants: abbrev, raw, or verbose", 1},
    {NULL, 'y', NULL, 0, "With each descriptor what it stands for: a path, a socket", 1},
    {NULL, 't', NULL, 0, "The time of day; twice: with microseconds; thrice: since the epoch", 2},
    {NULL, 'r', NULL, 0, "The time since the line before", 2},
    {NULL, 'T', NULL, 0, "The time that each call took", 2},
    {NULL, 'n', NULL, 0, "The number of each system call", 2},
    {"events", KEY_EVENTS, NULL, 0, "The number of each event, as --range takes it", 2},
    {NULL, 'a', "COLUMN", 0, "Where results begin; default: 40", 2},
    {"internal", KEY_INTERNAL, NULL, 0,
     "Also events that strace does not know: births, trapped instructions ...", 2},
    {"json", KEY_JSON, NULL, 0, "One JSON object for each event; reprise-dump(1)", 3},
    {NULL, 'o', "FILE", 0, "Write there instead of to standard output, with the pid on each line",
     3},
    {"follow", KEY_FOLLOW, NULL, 0, "Go on while the trace is still being written", 3},
    {0},
};

struct choice {
    const char *trace, *file;
    struct dump_options dump;
    bool follow, bytes_given;
};

static int parse_size(const char *option, const char *arg, size_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(arg, &end, 10);
    if (!isdigit((unsigned char)arg[0]) || *end != '\0' || errno != 0 || n > SIZE_MAX / 16) {
        report_error("%s %s is no number", option, arg);
        return EINVAL;
    }
    *ret = (size_t)n;
    return 0;
}

static int parse_constants(struct choice *choice, const char *arg)
{
    static const char *const names[] = {"abbrev", "raw", "verbose"};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(arg, names[i]) == 0) {
            choice->dump.style.constants = (enum text_constants)i;
            return 0;
        }
    report_error("-X %s: it takes abbrev, raw or verbose", arg);
    return EINVAL;
}

static int parse_column(struct choice *choice, const char *arg)
{
    size_t n;
    if (parse_size("-a", arg, &n) != 0)
        return EINVAL;
    choice->dump.column = n < 4096 ? (unsigned)n : 4096;
    return 0;
}

/* Those with an argument. */
static int parse_valued(struct choice *c, int key, const char *arg)
{
    switch (key) {
    case 'e':
        return -dump_filter_expression(&c->dump.filter, arg);
    case 'p':
        return -dump_filter_pid(&c->dump.filter, arg);
    case 'P':
        return -dump_filter_path(&c->dump.filter, arg);
    case KEY_RANGE:
        return -dump_filter_range(&c->dump.filter, arg);
    case 's':
        c->bytes_given = true;
        return parse_size("-s", arg, &c->dump.style.string_max);
    case 'X':
        return parse_constants(c, arg);
    case 'a':
        return parse_column(c, arg);
    case 'o':
        c->file = arg;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *c = state->input;
    struct dump_options *d = &c->dump;
    switch (key) {
    case 'f':
        return 0;
    case 'z':
        d->filter.status = STATUS_SUCCESSFUL;
        return 0;
    case 'Z':
        d->filter.status = STATUS_FAILED;
        return 0;
    case 'x':
        d->style.hex_strings++;
        return 0;
    case 'v':
        d->style.verbose = true;
        return 0;
    case 'y':
        d->style.fd_paths = true;
        return 0;
    case 't':
        d->times++;
        return 0;
    case 'r':
        d->relative = true;
        return 0;
    case 'T':
        d->durations = true;
        return 0;
    case 'n':
        d->numbers = true;
        return 0;
    case KEY_EVENTS:
        d->events = true;
        return 0;
    case KEY_INTERNAL:
        d->internal = true;
        return 0;
    case KEY_JSON:
        d->json = true;
        return 0;
    case KEY_FOLLOW:
        c->follow = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            report_error("dump takes one trace");
            return EINVAL;
        }
        c->trace = arg;
        return 0;
    default:
        return arg != NULL ? parse_valued(c, key, arg) : ARGP_ERR_UNKNOWN;
    }
}

/* What a trace holds is secret; and the trace itself is not to be overwritten by its own dump. */
static FILE *open_output(const struct choice *c, const char *trace)
{
    struct stat a, b;
    if (c->file == NULL)
        return stdout;
    if (stat(c->file, &a) == 0 && stat(trace, &b) == 0 && a.st_dev == b.st_dev &&
        a.st_ino == b.st_ino) {
        report_error("-o %s is the trace itself; name another file", c->file);
        return NULL;
    }
    int fd = open(c->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL)
        report_error("cannot write %s: %s", c->file, strerror(errno));
    if (out == NULL && fd >= 0)
        close(fd);
    return out;
}

/* A reader that has gone away is no trouble. */
static int close_output(struct dump_out *out, const struct choice *c)
{
    dump_out_close(out);
    if (out->error == 0 || out->error == EPIPE)
        return 0;
    report_error("cannot write %s: %s", c->file != NULL ? c->file : "to standard output",
                 strerror(out->error));
    return EXIT_REPRISE;
}

static int print(const struct choice *c, const char *path, struct dump_out *out)
{
    struct err err = {0};
    bool torn = false;
    int r;
    if (c->follow) {
        r = dump_follow(&c->dump, path, out, &torn, &err);
    } else {
        struct trace_reader *trace = NULL;
        uint64_t shown = 0;
        const struct confinement confinement = {.landlock = true};
        r = confined_open(path, &confinement, &trace, &err);
        if (r == 0) {
            torn = trace_reader_is_torn(trace);
            r = dump_trace(&c->dump, trace, out, &shown, &err);
        }
        trace_reader_free(trace);
    }
    int status = close_output(out, c);
    if (r < 0 && r != -EPIPE) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    if (torn)
        report_warning("%s is torn: its end is missing", path);
    return status;
}

static void set_defaults(struct choice *c)
{
    c->dump.style = call_text_style_default();
    c->dump.column = 40;
    dump_filter_init(&c->dump.filter);
}

static int run(int argc, char **argv)
{
    struct choice c = {0};
    struct err err = {0};
    char *path SCOPE_FREE = NULL;
    set_defaults(&c);
    int status = options_parse(&command_dump, options, parse, false, NULL, argc, argv, &c);
    c.dump.json_bytes = c.bytes_given ? c.dump.style.string_max : JSON_BYTES;
    c.dump.pids = c.file != NULL;
    if (status == 0 && trace_arg_resolve(c.trace, &path, &err) < 0) {
        report_error("%s", err.msg);
        status = EXIT_REPRISE;
    }
    struct dump_out out = {.file = status == 0 ? open_output(&c, path) : NULL};
    if (status == 0 && out.file == NULL)
        status = EXIT_REPRISE;
    if (status == 0) {
        signal(SIGPIPE, SIG_IGN);
        setvbuf(out.file, NULL, isatty(fileno(out.file)) == 1 ? _IOLBF : _IOFBF, OUT_BUFFER);
        status = print(&c, path, &out);
    }
    dump_filter_done(&c.dump.filter);
    return status;
}

/* Owns `reprise record`: its options, the file of the trace, and how the recording ends. */
#include "base/scope.h"
#include "recorder/recorder.h"
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/machine_here.h"
#include "tools/new_trace.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/text.h"
#include "tools/version.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA_LIMIT_DEFAULT 4096

static int run(int argc, char **argv);

const struct command command_record = {
    .name = "record",
    .usage = "[--] PROGRAM [ARGS...]",
    .help = "Run a program and record what it does into a trace",
    .runs_programs = true,
    .run = run,
};

enum key { KEY_FORCE = 256, KEY_PARANOID, KEY_NO_PATCH, KEY_DATA, KEY_CPU, KEY_SLICE };

#define SLICE_MAX_MS 60000ul

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Write the trace to FILE, which must not exist", 0},
    {"force", KEY_FORCE, NULL, 0, "Let -o overwrite FILE", 0},
    {"data", KEY_DATA, "N|all|none", 0,
     "Keep the first N bytes of each buffer that the program hands to the kernel (4096)", 0},
    {"cpu", KEY_CPU, "LEVEL", 0,
     "What the program is told that the CPU can do, and so what a replay needs: x86-64-v2, "
     "x86-64-v3, x86-64-v4, host (all that it can) or portable (x86-64-v3, or less if it has less; "
     "the default)",
     0},
    {"slice", KEY_SLICE, "MS", 0,
     "Let a thread compute so many milliseconds before others run, or it takes a signal (20)", 0},
    {"paranoid", KEY_PARANOID, NULL, 0,
     "Compare all memory around each system call, to prove that nothing was missed (slow)", 0},
    {"no-patch", KEY_NO_PATCH, NULL, 0,
     "Leave the program's code as it is, for one that looks at its own; then each call stops", 0},
    {"verbose", 'v', NULL, 0, "Say where the trace is and what is in it", 0},
    {0},
};

struct choice {
    const char *output;
    bool force, verbose;
    struct recorder_options record;
};

static int parse_data(const char *arg, uint64_t *ret)
{
    if (strcmp(arg, "all") == 0) {
        *ret = UINT64_MAX;
        return 0;
    }
    if (strcmp(arg, "none") == 0) {
        *ret = 0;
        return 0;
    }
    char *end;
    errno = 0;
    uint64_t n = strtoull(arg, &end, 10);
    if (errno != 0 || arg[0] < '0' || arg[0] > '9' || *end != '\0') {
        report_error("--data takes a number of bytes, 'all' or 'none', not '%s'", arg);
        return EINVAL;
    }
    *ret = n;
    return 0;
}

static int parse_cpu(const char *arg, struct recorder_options *record)
{
    record->cpu_asked = true;
    if (strcmp(arg, "portable") == 0) {
        record->cpu = cpu_level_portable();
    } else if (strcmp(arg, "baseline") == 0) { /* its name before there were others */
        record->cpu = CPU_V3;
    } else if (!cpu_level_named(arg, &record->cpu)) {
        report_error("--cpu takes 'portable', 'host', 'x86-64-v2', 'x86-64-v3' or 'x86-64-v4', "
                     "not '%s'",
                     arg);
        return EINVAL;
    }
    return 0;
}

static int parse_slice(const char *arg, unsigned *ret)
{
    char *end;
    errno = 0;
    unsigned long ms = strtoul(arg, &end, 10);
    if (errno != 0 || arg[0] < '0' || arg[0] > '9' || *end != '\0' || ms < 1 || ms > SLICE_MAX_MS) {
        report_error("--slice takes 1 to %lu milliseconds, not '%s'", SLICE_MAX_MS, arg);
        return EINVAL;
    }
    *ret = (unsigned)ms;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case 'o':
        choice->output = arg;
        return 0;
    case 'v':
        choice->verbose = true;
        return 0;
    case KEY_FORCE:
        choice->force = true;
        return 0;
    case KEY_PARANOID:
        choice->record.paranoid = true;
        return 0;
    case KEY_NO_PATCH:
        choice->record.no_patch = true;
        return 0;
    case KEY_DATA:
        return parse_data(arg, &choice->record.data_limit);
    case KEY_SLICE:
        return parse_slice(arg, &choice->record.slice_ms);
    case KEY_CPU:
        return parse_cpu(arg, &choice->record);
    case ARGP_KEY_ARG: /* the program: all from here on is its own */
        choice->record.argv = &state->argv[state->next - 1];
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        report_error("record which program?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void warn(void *ctx, const char *line)
{
    (void)ctx;
    report_warning("%s", line);
}

static void keep_trace(void *ctx)
{
    struct err err = {0};
    if (new_trace_keep(ctx, &err) < 0)
        report_warning("%s", err.msg);
}

static void say_where(const struct choice *choice, const struct new_trace *trace,
                      const struct recorder_result *result)
{
    const char *gone = new_trace_whereabouts(trace);
    if (gone != NULL) {
        report_warning("the trace %s %s", trace->path, gone);
        return;
    }
    if (!choice->verbose && isatty(STDERR_FILENO) != 1)
        return;
    char size[TEXT_MAX];
    text_size(result->stats.file_bytes, size);
    report_note("the trace is %s (%s)", trace->path, size);
    if (choice->verbose)
        report_note("%" PRIu64 " events in %" PRIu64 " bytes, %" PRIu64
                    " files and buffers in %" PRIu64 " bytes",
                    result->stats.events, result->stats.event_bytes_stored, result->stats.blobs,
                    result->stats.blob_bytes_stored);
}

static int exit_status_of_error(int r)
{
    switch (-r) {
    case ENOENT:
        return EXIT_NOT_FOUND;
    case EACCES: /* and what else execve(2) may say of a file */
    case ENOEXEC:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ETXTBSY:
    case ELIBBAD:
    case E2BIG:
        return EXIT_CANNOT_EXECUTE;
    default:
        return EXIT_REPRISE;
    }
}

static int open_trace(const struct choice *choice, struct new_trace *ret, struct err *err)
{
    if (choice->output != NULL)
        return new_trace_open_named(choice->output, choice->force, ret, err);
    return new_trace_open_numbered(choice->record.argv[0], ret, err);
}

static int run(int argc, char **argv)
{
    struct choice choice = {.record = {.version = VERSION_STRING,
                                       .data_limit = DATA_LIMIT_DEFAULT,
                                       .warn = warn,
                                       .cpu = cpu_level_portable()}};
    int status = options_parse(&command_record, options, parse, true, NULL, argc, argv, &choice);
    if (status != 0)
        return status;

    struct err err = {0};
    struct machine machine;
    struct new_trace trace;
    if (machine_here(&machine, &err) < 0 || open_trace(&choice, &trace, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    choice.record.machine = &machine;
    choice.record.trace_fd = trace.fd;
    choice.record.started = keep_trace;
    choice.record.started_ctx = &trace;
    struct recorder_result result;
    int r = recorder_run(&choice.record, &result, &err);
    if (r < 0) {
        report_error("%s", err.msg);
        new_trace_done(&trace);
        return exit_status_of_error(r);
    }
    say_where(&choice, &trace, &result);
    new_trace_done(&trace);
    return exit_status_as(result.status);
}

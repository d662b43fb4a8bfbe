/* Owns `reprise replay`: its options, what is said about the replay, and how it ends. */
#include "base/clock.h"
#include "base/scope.h"
#include "format/trace_reader.h"
#include "replayer/replayer.h"
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/machine_here.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/size_arg.h"
#include "tools/text.h"
#include "tools/trace_arg.h"
#include "tools/trace_length.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static int run(int argc, char **argv);

const struct command command_replay = {
    .name = "replay",
    .usage = "[TRACE]",
    .help = "Run the recorded program again, exactly as it ran (default: the latest trace)",
    .runs_programs = true,
    .run = run,
};

#define PATIENCE_MAX_S 1000000ul
#define TASKS_MAX      4194304ul /* PID_MAX_LIMIT of the kernel */

enum key { KEY_STATS = 256, KEY_NO_PATCH, KEY_PATIENCE, KEY_MEMORY, KEY_OUTPUT, KEY_TASKS };

static const struct argp_option options[] = {
    {"quiet", 'q', NULL, 0, "Show neither the program's output nor progress, only errors", 0},
    {"stats", KEY_STATS, NULL, 0, "Say at the end what was replayed and how long it took", 0},
    {"no-patch", KEY_NO_PATCH, NULL, 0,
     "Leave the program's code in memory alone: slower, for programs that read their own code", 0},
    {"patience", KEY_PATIENCE, "SECONDS", 0,
     "Processor time after which a computing task that never comes to its next event, or to where "
     "it was preempted, is a divergence (default: minutes, more for long computations)",
     0},
    {"memory", KEY_MEMORY, "SIZE", 0,
     "Stop when the replay takes more memory (default: three quarters of what is available)", 0},
    {"output", KEY_OUTPUT, "SIZE", 0,
     "Stop when more of the program's output is shown (default: 4G, or, into a file, three "
     "quarters of the free space if that is less)",
     0},
    {"tasks", KEY_TASKS, "NUMBER", 0,
     "Stop when there are more processes and threads at the same time (default: half of what the "
     "user may have, at most 10000)",
     0},
    {0},
};

struct choice {
    const char *trace;
    bool quiet, stats, no_patch;
    unsigned patience_s;
    uint64_t memory, output, tasks; /* 0: as is usual */
};

/* From 1 to a greatest number of something. */
static bool parse_number(const char *arg, unsigned long most, unsigned long *ret)
{
    char *end;
    errno = 0;
    *ret = strtoul(arg, &end, 10);
    return errno == 0 && end != arg && *end == '\0' && arg[0] != '-' && *ret >= 1 && *ret <= most;
}

static int parse_patience(const char *arg, unsigned *ret)
{
    unsigned long n;
    if (!parse_number(arg, PATIENCE_MAX_S, &n)) {
        report_error("--patience takes 1 to %lu seconds, not '%s'", PATIENCE_MAX_S, arg);
        return EINVAL;
    }
    *ret = (unsigned)n;
    return 0;
}

static int parse_tasks(const char *arg, uint64_t *ret)
{
    unsigned long n;
    if (!parse_number(arg, TASKS_MAX, &n)) {
        report_error("--tasks takes a number from 1 to %lu, not '%s'", TASKS_MAX, arg);
        return EINVAL;
    }
    *ret = n;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case 'q':
        choice->quiet = true;
        return 0;
    case KEY_STATS:
        choice->stats = true;
        return 0;
    case KEY_NO_PATCH:
        choice->no_patch = true;
        return 0;
    case KEY_PATIENCE:
        return parse_patience(arg, &choice->patience_s);
    case KEY_MEMORY:
        return size_arg_parse("memory", arg, &choice->memory);
    case KEY_OUTPUT:
        return size_arg_parse("output", arg, &choice->output);
    case KEY_TASKS:
        return parse_tasks(arg, &choice->tasks);
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            report_error("replay takes one trace");
            return EINVAL;
        }
        choice->trace = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void say_stats(const struct replayer_result *result, uint64_t recorded_ns, uint64_t took_ns)
{
    char recorded[TEXT_MAX], took[TEXT_MAX];
    text_duration(recorded_ns, recorded);
    text_duration(took_ns, took);
    report_note("replayed in %s what took %s to record", took, recorded);
    report_note("%" PRIu64 " events of %" PRIu32 " tasks, %" PRIu64
                " system calls injected (%" PRIu64 " of them without a stop), %" PRIu64 " executed",
                result->events, result->tasks, result->syscalls, result->unstopped,
                result->executed);
}

static void say_torn(struct trace_reader *trace, const struct replayer_result *result)
{
    const Reprise__Summary *summary = trace_reader_summary(trace);
    const char *why = summary != NULL ? summary->note : "";
    char reached[TEXT_MAX];
    text_duration(result->time_ns, reached);
    report_warning("the trace ends before the program did, %s after its start%s%s%s: what it "
                   "holds was replayed (%" PRIu64 " events), what came later is lost",
                   reached, why[0] != '\0' ? " (" : "", why, why[0] != '\0' ? ")" : "",
                   result->events);
}

static int replay(struct trace_reader *trace, const struct machine *machine,
                  const struct choice *choice)
{
    uint64_t length = trace_length_ns(trace);
    struct progress progress;
    progress_begin(&progress, length, !choice->quiet);
    struct replayer_options replay_options = {
        .trace = trace,
        .machine = machine,
        .stdout_fd = choice->quiet ? -1 : STDOUT_FILENO,
        .stderr_fd = choice->quiet ? -1 : STDERR_FILENO,
        .no_patch = choice->no_patch,
        .patience_s = choice->patience_s,
        .memory = choice->memory,
        .output = choice->output,
        .tasks = choice->tasks,
        .progress = progress_step,
        .progress_ctx = &progress,
        .before_output = progress_give_way,
        .before_output_ctx = &progress,
    };
    struct replayer_result result;
    struct err err = {0};
    uint64_t begun = clock_ns(CLOCK_MONOTONIC);
    int r = replayer_run(&replay_options, &result, &err);
    progress_end(&progress);
    if (r < 0) {
        report_error("%s", err.msg);
        return r == -EILSEQ ? EXIT_DIVERGED : EXIT_REPRISE;
    }
    if (choice->stats)
        say_stats(&result, length, clock_ns(CLOCK_MONOTONIC) - begun);
    if (result.torn) {
        say_torn(trace, &result);
        return EXIT_TORN;
    }
    return exit_status_as(result.status);
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    int status = options_parse(&command_replay, options, parse, false, NULL, argc, argv, &choice);
    if (status != 0)
        return status;
    struct err err = {0};
    struct trace_reader *trace = NULL;
    struct machine machine;
    int r = trace_arg_open(choice.trace, &trace, NULL, &err);
    if (r == 0) {
        r = machine_here(&machine, &err);
        if (r == 0)
            r = replayer_can_replay(trace, &err);
        status = r == 0 ? replay(trace, &machine, &choice) : EXIT_REPRISE;
        trace_reader_free(trace);
    }
    if (r < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    return status;
}

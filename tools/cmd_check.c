/* Owns `reprise check`: whether a trace is whole and whether it can be replayed here. */
#include "base/scope.h"
#include "format/trace_reader.h"
#include "replayer/replayer.h"
#include "tools/command.h"
#include "tools/confined.h"
#include "tools/exit_status.h"
#include "tools/machine_here.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"

#include <errno.h>
#include <stdio.h>

static int run(int argc, char **argv);

const struct command command_check = {
    .name = "check",
    .usage = "[OPTION...] [TRACE]",
    .help = "Verify a trace, and that this machine can replay it",
    .run = run,
};

enum { KEY_MACHINE = 0x100 };

static const struct argp_option options[] = {
    {"machine", KEY_MACHINE, NULL, 0,
     "Print what this machine can do of what recording and replaying use, and what is done where "
     "it cannot",
     0},
    {0}};

struct choice {
    const char *trace;
    bool machine;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case KEY_MACHINE:
        choice->machine = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            report_error("check takes one trace");
            return EINVAL;
        }
        choice->trace = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int fail(const struct err *err, int r)
{
    report_error("%s", err->msg);
    bool trouble = r == -EBADMSG || r == -ENOTSUP || r == -EPROTONOSUPPORT;
    return trouble ? EXIT_TROUBLE : EXIT_REPRISE;
}

static int check(const char *path, struct trace_reader *trace)
{
    struct err err = {0};
    int r = trace_reader_check(trace, &err);
    if (r == 0)
        r = trace_reader_check_rest(trace, &err);
    if (r < 0)
        return fail(&err, r);
    r = replayer_can_replay(trace, &err);
    if (r < 0)
        return fail(&err, r);
    const Reprise__Summary *summary = trace_reader_summary(trace);
    const char *how_far = "whole";
    if (trace_reader_is_torn(trace))
        how_far = "torn, but sound up to where it ends";
    else if (summary != NULL && summary->incomplete)
        how_far = "sound, but ends before the program did";
    printf("%s: %s; this machine can replay it\n", path, how_far);
    return output_finish();
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    int status = options_parse(&command_check, options, parse, false, NULL, argc, argv, &choice);
    if (status != 0)
        return status;
    struct err err = {0};
    struct machine machine;
    struct trace_reader *trace = NULL;
    char *path SCOPE_FREE = NULL;
    int r = machine_here(&machine, &err);
    if (r < 0)
        return fail(&err, r);
    if (choice.machine) {
        machine_print(&machine);
        if (choice.trace == NULL)
            return output_finish();
    }
    const struct confinement confinement = {.landlock = machine.has[MACHINE_LANDLOCK]};
    r = confined_open_arg(choice.trace, &confinement, &trace, &path, &err);
    if (r < 0)
        return fail(&err, r);
    status = check(path, trace);
    trace_reader_free(trace);
    return status;
}

/* Owns `reprise check`: whether a trace is whole and whether it can be replayed here. */
#include "base/scope.h"
#include "format/trace_reader.h"
#include "replayer/replayer.h"
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"
#include "tools/trace_arg.h"

#include <errno.h>
#include <stdio.h>

static int run(int argc, char **argv);

const struct command command_check = {
    .name = "check",
    .usage = "[TRACE]",
    .help = "Verify a trace, and that this machine can replay it",
    .run = run,
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **trace = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (state->arg_num > 0) {
        report_error("check takes one trace");
        return EINVAL;
    }
    *trace = arg;
    return 0;
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
    const char *arg = NULL;
    int status = options_parse(&command_check, NULL, parse, false, NULL, argc, argv, &arg);
    if (status != 0)
        return status;
    struct err err = {0};
    struct trace_reader *trace = NULL;
    char *path SCOPE_FREE = NULL;
    int r = trace_arg_open(arg, &trace, &path, &err);
    if (r < 0)
        return fail(&err, r);
    status = check(path, trace);
    trace_reader_free(trace);
    return status;
}

/* Owns `reprise info`: what a trace is of, where it comes from and what it holds. */
#include "base/scope.h"
#include "format/trace_reader.h"
#include "tools/command.h"
#include "tools/confined.h"
#include "tools/exit_status.h"
#include "tools/info.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"
#include "tools/trace_facts.h"

#include <errno.h>

static int run(int argc, char **argv);

const struct command command_info = {
    .name = "info",
    .usage = "[TRACE]",
    .help = "Tell what a trace is of, where it comes from and what it holds",
    .run = run,
};

enum key { KEY_JSON = 256 };

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "Tell it in JSON; reprise-info(1) documents the fields", 0},
    {0},
};

struct choice {
    const char *trace;
    bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case KEY_JSON:
        choice->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            report_error("info takes one trace");
            return EINVAL;
        }
        choice->trace = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int print(const char *path, struct trace_reader *trace, bool json)
{
    struct err err = {0};
    struct trace_facts facts;
    if (trace_facts_read(trace, &facts, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    struct vendor_places places = {0};
    struct info info = {.path = path, .trace = trace, .facts = &facts, .places = &places};
    int r = vendor_places_look(&facts.code, trace, &places);
    if (r == 0)
        r = json ? info_print_json(&info) : info_print_text(&info);
    int status = output_finish();
    if (places.trouble != NULL)
        report_warning("%s", places.trouble);
    if (r < 0) {
        report_error("out of memory");
        status = EXIT_REPRISE;
    }
    if (facts.state == FACT_DAMAGED) {
        report_error("%s", facts.damage.msg);
        status = EXIT_REPRISE;
    }
    vendor_places_done(&places);
    trace_facts_done(&facts);
    return status;
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    int status = options_parse(&command_info, options, parse, false, NULL, argc, argv, &choice);
    if (status != 0)
        return status;
    struct err err = {0};
    struct trace_reader *trace = NULL;
    char *path SCOPE_FREE = NULL;
    const struct confinement confinement = {.landlock = true};
    if (confined_open_arg(choice.trace, &confinement, &trace, &path, &err) < 0) {
        report_error("%s", err.msg);
        return EXIT_REPRISE;
    }
    status = print(path, trace, choice.json);
    trace_reader_free(trace);
    return status;
}

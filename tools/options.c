/* Owns what all commands have in common on the command line: names in messages, --help, the end of
 * the parse. argp would print "Try `reprise --help'" and exit; its error stream is taken away. */
#include "tools/options.h"

#include "base/scope.h"
#include "tools/exit_status.h"
#include "tools/report.h"

#include <stdio.h>

enum { KEY_USAGE = 0x10000 };

struct common {
    const char *name; /* "reprise record" */
    void *input;      /* of the command's own parser */
};

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
    struct common *common = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->err_stream = NULL;
        state->child_inputs[0] = common->input;
        return 0;
    case 'h':
    case KEY_USAGE: /* argp sets the name after INIT: here it is ours */
        state->name = (char *)common->name;
        argp_state_help(state, state->out_stream,
                        key == 'h' ? ARGP_HELP_STD_HELP : ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int options_parse(const struct command *command, const struct argp_option *options,
                  argp_parser_t parser, bool in_order, const char *doc, int argc, char **argv,
                  void *input)
{
    char *name SCOPE_FREE = NULL;
    char *text SCOPE_FREE = NULL;
    if (asprintf(&name, "reprise %s", command->name) < 0 ||
        asprintf(&text, "%s\v%s", command->help, doc != NULL ? doc : "") < 0) {
        report_error("out of memory");
        return EXIT_REPRISE;
    }
    const struct argp_option common_options[] = {
        {"help", 'h', NULL, 0, "Tell how the command is used", -1},
        {"usage", KEY_USAGE, NULL, OPTION_HIDDEN, "Tell it in short", 0},
        {0},
    };
    const struct argp own = {.options = options, .parser = parser};
    const struct argp_child children[] = {{.argp = &own}, {0}};
    const struct argp all = {
        .options = common_options,
        .parser = parse_common,
        .args_doc = command->usage,
        .doc = text,
        .children = children,
    };
    struct common common = {.name = name, .input = input};
    unsigned flags = ARGP_NO_HELP | (in_order ? ARGP_IN_ORDER : 0);
    if (argp_parse(&all, argc, argv, flags, NULL, &common) == 0)
        return 0;
    report_error("'reprise help %s' tells how it is used", command->name);
    return EXIT_REPRISE;
}

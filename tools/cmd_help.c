/* Owns `reprise help`: the overview, and the help of one command. */
#include "tools/command.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/report.h"

#include <errno.h>
#include <stdio.h>

static int run(int argc, char **argv);

const struct command command_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .help = "Tell how reprise, or one of its commands, is used",
    .run = run,
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **topic = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (state->arg_num > 0) {
        report_error("help takes one command");
        return EINVAL;
    }
    *topic = arg;
    return 0;
}

static int print_overview(void)
{
    printf("reprise records the run of a program and replays it exactly.\n"
           "\n"
           "Usage: reprise COMMAND [OPTION...] [ARGS...]\n"
           "\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        printf("  %-7s %-24s %s\n", commands[i]->name, commands[i]->usage, commands[i]->help);
    printf("\n"
           "  --version prints the version, the trace format and the features.\n"
           "  'reprise help COMMAND' lists the options of a command; reprise(1) tells more.\n");
    return output_finish();
}

static int run(int argc, char **argv)
{
    const char *topic = NULL;
    int status = options_parse(&command_help, NULL, parse, false, NULL, argc, argv, &topic);
    if (status != 0)
        return status;
    if (topic == NULL)
        return print_overview();
    const struct command *command = command_find(topic);
    if (command == NULL) {
        report_error("there is no command '%s'; 'reprise help' lists them", topic);
        return EXIT_REPRISE;
    }
    char *help[] = {argv[0], (char *)"--help", NULL};
    return command->run(2, help);
}

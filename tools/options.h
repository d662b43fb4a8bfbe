/* Options of a command, by argp. */
#ifndef REPRISE_TOOLS_OPTIONS_H
#define REPRISE_TOOLS_OPTIONS_H

#include "tools/command.h"

#include <argp.h>
#include <stdbool.h>

/* Parses with `options` (zero-ended, may be NULL) and `parser`, which gets `input` as state->input
 * and leaves help and messages about unknown options to us. It may say itself what is wrong and
 * return EINVAL. `in_order`: options end at the first argument that is none. `doc` is printed
 * below the options by --help; may be NULL. 0, or EXIT_REPRISE with the user told. */
int options_parse(const struct command *command, const struct argp_option *options,
                  argp_parser_t parser, bool in_order, const char *doc, int argc, char **argv,
                  void *input);

#endif

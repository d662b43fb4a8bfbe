/* A command of the program: `reprise NAME ...`. */
#ifndef REPRISE_TOOLS_COMMAND_H
#define REPRISE_TOOLS_COMMAND_H

#include <stdbool.h>

struct command {
    const char *name;
    const char *usage;  /* what may follow the options */
    const char *help;   /* one line */
    bool runs_programs; /* else it takes part of the available memory, at most */
    /* argv[0] is for messages; returns the exit status. */
    int (*run)(int argc, char **argv);
};

extern const struct command command_record;
extern const struct command command_replay;
extern const struct command command_ls;
extern const struct command command_rm;
extern const struct command command_info;
extern const struct command command_dump;
extern const struct command command_stat;
extern const struct command command_diff;
extern const struct command command_export;
extern const struct command command_check;
extern const struct command command_help;

/* All of them, in the order of the help; NULL ends. */
extern const struct command *const commands[];

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

#endif

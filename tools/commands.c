/* Owns the table of commands. */
#include "tools/command.h"

#include <stddef.h>
#include <string.h>

const struct command *const commands[] = {
    &command_record, &command_replay, &command_ls,    &command_info, &command_dump, &command_stat,
    &command_diff,   &command_export, &command_check, &command_rm,   &command_help, NULL,
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

/* Owns the form in which plain calls are handed to the code in the tasks. Calls that do not fit are
 * left out, which makes them slow and nothing else. */
#include "recorder/call_table.h"

#include "syscalls/syscalls.h"

#include <string.h>

#define COMMAND_ARG 1 /* where the stub looks for commands */

static uint8_t add_row(struct call_table *t, uint32_t *n_rows, const struct plain_call *call)
{
    if (*n_rows + 1 >= CALL_ROWS)
        return 0;
    t->rows[++*n_rows] = *call;
    return (uint8_t)*n_rows;
}

static void add_command(struct call_table *t, int64_t nr, uint32_t value, uint8_t row)
{
    if (t->n_commands < CALL_COMMANDS && row != 0)
        t->commands[t->n_commands++] =
            (struct call_command){.nr = (uint16_t)nr, .value = value, .row = row};
}

static void add_commands(struct call_table *t, uint32_t *n_rows, int64_t nr)
{
    struct plain_command command;
    for (size_t i = 0; syscall_plain_command(nr, i, &command); i++) {
        if (command.arg != COMMAND_ARG)
            return;
        uint8_t row = add_row(t, n_rows, &command.call);
        /* all that can stand in the bits that do not count */
        for (uint32_t bits = command.ignore;; bits = (bits - 1) & command.ignore) {
            add_command(t, nr, command.value | bits, row);
            if (bits == 0)
                break;
        }
        t->row_of[nr] = CALL_BY_COMMAND;
    }
}

void call_table_make(struct call_table *ret)
{
    uint32_t n_rows = 0;
    memset(ret, 0, sizeof *ret);
    for (int64_t nr = 0; nr < CALL_NUMBERS; nr++) {
        struct plain_call call;
        if (syscall_is_plain(nr, &call))
            ret->row_of[nr] = add_row(ret, &n_rows, &call);
        else
            add_commands(ret, &n_rows, nr);
    }
}

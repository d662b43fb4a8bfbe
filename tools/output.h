/* How a command that prints to stdout ends. */
#ifndef REPRISE_TOOLS_OUTPUT_H
#define REPRISE_TOOLS_OUTPUT_H

#include <stddef.h>

/* Flushes stdout. A reader that has gone away (EPIPE) is no error; any other failure is reported.
 * Returns the exit status: 0 or EXIT_REPRISE. */
int output_finish(void);

/* Columns of the terminal that stdout is, or 0: no terminal, do not cut lines. */
size_t output_columns(void);

#endif

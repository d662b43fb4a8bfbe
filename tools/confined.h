/* Commands that read a trace, and need nothing else of this machine. */
#ifndef REPRISE_TOOLS_CONFINED_H
#define REPRISE_TOOLS_CONFINED_H

#include "base/err.h"
#include "format/trace_reader.h"

#include <stdbool.h>

struct confinement {
    bool landlock; /* use it, where the kernel has it */
    bool traces;   /* the command makes processes that it traces */
    /* A directory whose files stay readable, as those of /proc do; NULL: none. */
    const char *readable;
};

/* Gives up all rights but to write to what is open, and to read what stays readable. */
void confined_begin(const struct confinement *c);

/* Opens a trace, and begins before a byte of it is read. As trace_reader_open(). */
int confined_open(const char *path, const struct confinement *c, struct trace_reader **ret,
                  struct err *err);

/* Resolves first: as trace_arg_open(). */
int confined_open_arg(const char *arg, const struct confinement *c, struct trace_reader **ret,
                      char **ret_path, struct err *err);

#endif

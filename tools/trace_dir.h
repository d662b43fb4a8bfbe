/* The directory where traces are kept: $REPRISE_TRACE_DIR, else $XDG_DATA_HOME/reprise, else
 * ~/.local/share/reprise. Holds NAME-N.reprise files and `latest`, a link to the newest one. */
#ifndef REPRISE_TOOLS_TRACE_DIR_H
#define REPRISE_TOOLS_TRACE_DIR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define TRACE_SUFFIX ".reprise"
#define TRACE_LATEST "latest"

/* The name of the directory, which need not exist; the caller frees it. */
int trace_dir_path(char **ret, struct err *err);

/* The same, and makes the directory and its parents for the user alone (0700). */
int trace_dir_make(char **ret, struct err *err);

/* Puts two parts of a path together; the caller frees it. NULL: out of memory. */
char *trace_dir_join(const char *dir, const char *name);

bool trace_dir_is_trace_name(const char *name);

/* Names of the traces in the directory, oldest first by the time of their last change. A directory
 * that does not exist has none. */
struct trace_names {
    char **v;
    size_t n;
};
int trace_dir_list(const char *dir, struct trace_names *ret, struct err *err);
void trace_names_done(struct trace_names *names);

/* Lets `latest` point to a trace, in one step. `target` is as in symlink(2). */
int trace_dir_set_latest(const char *dir, const char *target, struct err *err);

/* After traces were removed: where `latest` points to nothing, the newest trace takes its place, or
 * it is removed when there is none. */
int trace_dir_mend_latest(const char *dir, struct err *err);

#endif

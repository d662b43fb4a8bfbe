/* What a TRACE argument on the command line means. */
#ifndef REPRISE_TOOLS_TRACE_ARG_H
#define REPRISE_TOOLS_TRACE_ARG_H

#include "base/err.h"
#include "format/trace_reader.h"

/* Finds the file: a path; else a name in the directory of traces, with or without the suffix. NULL
 * is the latest trace. What exists nowhere comes back as it is, for the reader to complain. The
 * caller frees it. -ENOENT: there is no latest trace; -EPERM: the link or the trace is another
 * user's. */
int trace_arg_resolve(const char *arg, char **ret_path, struct err *err);

/* The file of a name in the directory of traces, which must exist there; -ENOENT. */
int trace_arg_in_dir(const char *name, char **ret_path, struct err *err);

/* Resolves and opens; ret_path may be NULL. */
int trace_arg_open(const char *arg, struct trace_reader **ret, char **ret_path, struct err *err);

#endif

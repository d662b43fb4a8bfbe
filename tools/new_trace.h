/* The file that a recording goes to. Until the program has started nothing of the user's is
 * touched: a file to be overwritten stays, and `latest` stays. */
#ifndef REPRISE_TOOLS_NEW_TRACE_H
#define REPRISE_TOOLS_NEW_TRACE_H

#include "base/err.h"

#include <stdbool.h>

struct new_trace {
    char *path;    /* where it is to be found */
    char *temp;    /* where it is written until it replaces the file at `path`, or NULL */
    bool nameless; /* there is nothing at either yet: it gets its name when it is kept */
    int fd;
    bool named; /* by the user: a directory of traces that cannot be had is no trouble */
    bool kept;
};

/* A new file NAME-N.reprise in the directory of traces, NAME from the program's path, N the first
 * free number. */
int new_trace_open_numbered(const char *program, struct new_trace *ret, struct err *err);

/* The file the user named. -EEXIST: it is there already and force is not set. */
int new_trace_open_named(const char *path, bool force, struct new_trace *ret, struct err *err);

/* The recording has begun: the file takes its place, and `latest` points to it. An error means that
 * one of the two failed; the trace is kept all the same, and t->path tells where, unless it got no
 * name, as err tells then. */
int new_trace_keep(struct new_trace *t, struct err *err);

/* At the end of the recording: what has become of a file that is not where it should be, as the end
 * of a sentence. NULL: it is there. */
const char *new_trace_whereabouts(const struct new_trace *t);

/* Closes the file; removes it if it was not kept. */
void new_trace_done(struct new_trace *t);

#endif

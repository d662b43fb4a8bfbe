/* A file that a command makes for the user. It takes its place only when it is whole: until then
 * a file to be overwritten stays as it is. */
#ifndef REPRISE_TOOLS_OUT_FILE_H
#define REPRISE_TOOLS_OUT_FILE_H

#include "base/err.h"

#include <stdbool.h>

struct out_file {
    const char *path; /* the caller's */
    char *temp;       /* where it is written until it is whole; NULL: in its place */
    int fd;
    bool is_open;
};

/* "-" is the standard output. Devices and FIFOs are written as they are. -EEXIST: it is there
 * already and `force` is not set. The file of the open trace is never overwritten. Only the owner
 * may read the file: what comes from a trace holds secrets. */
int out_file_open(const char *path, bool force, const char *trace_path, struct out_file *ret,
                  struct err *err);

/* Where its content is written to now. */
const char *out_file_path(const struct out_file *f);

/* It is whole: puts it in its place. */
int out_file_keep(struct out_file *f, struct err *err);

/* Closes it, and removes it if it was not kept. Takes zeroed ones. */
void out_file_done(struct out_file *f);

#endif

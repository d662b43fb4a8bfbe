/* Traces in forms that other programs read. Each export is two walks over the events, the first
 * to find out who is connected to whom; its memory is bounded by the numbers of tasks, descriptors
 * and connections. */
#ifndef REPRISE_EXPORT_EXPORT_H
#define REPRISE_EXPORT_EXPORT_H

#include "base/err.h"
#include "format/trace_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct export_job {
    struct trace_reader *reader;
    int fd;               /* open for writing, empty */
    const char *path;     /* of that file; the database is opened by its name */
    uint64_t first, last; /* events to export, by number, both included */
    size_t string_max;    /* bytes shown of a string or buffer */
    uint64_t row_max;     /* of the page: more events are left out */
};

struct export_result {
    struct err damage; /* code != 0: what is exported is what precedes the damage */
    char note[200];    /* what was left out and why, for the user; or empty */
};

/* 0; -errno: nothing of use was made. When the output cannot be written err says only why, and the
 * return value is the errno of it (-EPIPE: nobody reads it any more). */
int export_perfetto(const struct export_job *job, struct export_result *ret, struct err *err);
int export_html(const struct export_job *job, struct export_result *ret, struct err *err);
int export_pcap(const struct export_job *job, struct export_result *ret, struct err *err);
int export_sqlite(const struct export_job *job, struct export_result *ret, struct err *err);

#endif

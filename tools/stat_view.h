/* How the sums of a trace are chosen, ordered and printed. */
#ifndef REPRISE_TOOLS_STAT_VIEW_H
#define REPRISE_TOOLS_STAT_VIEW_H

#include "stat/stat.h"

#include <stdbool.h>
#include <stddef.h>

enum stat_key {
    STAT_KEY_TIME = 0,
    STAT_KEY_AVERAGE,
    STAT_KEY_MAX,
    STAT_KEY_CALLS,
    STAT_KEY_ERRORS,
    STAT_KEY_IN,
    STAT_KEY_OUT,
    STAT_KEY_NAME,
};

struct stat_choice {
    bool by[STAT_BY_COUNT];
    enum stat_key key;
    size_t top; /* rows of each table; 0: all */
};

/* "syscall", "file" ... and what a row is headed with. */
const char *stat_by_name(enum stat_by by);
/* -1: there is none of that name. */
int stat_by_parse(const char *name, size_t len);
int stat_key_parse(const char *name);

uint64_t stat_average(const struct stat_sums *sums);

/* The rows of a table as they are to be shown, largest first; n of them. To be freed. NULL: no
 * memory. */
const struct stat_row **stat_view_sort(const struct trace_stat *stat, enum stat_by by,
                                       enum stat_key key);

/* What a row is called, for people; without control characters. 0 or -ENOMEM. */
int stat_view_label(enum stat_by by, const struct stat_row *row, struct buf *out);

/* Print to stdout. 0 or -ENOMEM. */
int stat_print_text(const struct trace_stat *stat, const struct stat_choice *choice);
int stat_print_json(const struct trace_stat *stat, const struct stat_choice *choice,
                    const char *path);

#endif

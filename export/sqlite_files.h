/* The table of files: each once, by kind and name. */
#ifndef REPRISE_EXPORT_SQLITE_FILES_H
#define REPRISE_EXPORT_SQLITE_FILES_H

#include "base/map64.h"
#include "decode/trace_view.h"
#include "export/sqlite_rows.h"

struct sqlite_files {
    struct sql_row insert, find;
    struct map64 known; /* hash of kind and name: number of the file; of the first so many */
    struct buf name;    /* scratch */
};

int sqlite_files_open(sqlite3 *db, struct sqlite_files *ret, struct err *err);
void sqlite_files_done(struct sqlite_files *f);

/* The number of what a call is about, or 0. 0 or -errno. */
int sqlite_files_number(struct sqlite_files *f, const struct trace_view *view,
                        const struct walk_task *task, const struct walk_call *call,
                        int64_t *ret_number);

#endif

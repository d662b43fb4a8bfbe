/* Rows of a database, written in bulk. */
#ifndef REPRISE_EXPORT_SQLITE_ROWS_H
#define REPRISE_EXPORT_SQLITE_ROWS_H

#include "base/err.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* A statement that is run over and over. Values are bound in the order of its parameters; what is
 * not bound is NULL. */
struct sql_row {
    sqlite3_stmt *stmt;
    int at; /* parameter to bind next */
    int rc; /* the first failure since the row began */
};

int sql_row_prepare(sqlite3 *db, const char *sql, struct sql_row *ret, struct err *err);
void sql_row_done(struct sql_row *row);

void sql_row_int(struct sql_row *row, int64_t value);
/* 64 bits as they are: what is above 2^63 comes out negative. */
void sql_row_uint(struct sql_row *row, uint64_t value);
void sql_row_null(struct sql_row *row);
/* Bytes that are not UTF-8 become \xNN, NULs too. */
void sql_row_text(struct sql_row *row, const void *data, size_t len);
void sql_row_str(struct sql_row *row, const char *text); /* NULL: NULL */

/* Runs it with what was bound. 0, or -errno as sql_errno() tells. */
int sql_row_run(struct sql_row *row);

/* -errno of a failure: -ENOSPC, -EIO, -ENOMEM ... */
int sql_errno(int rc);

#endif

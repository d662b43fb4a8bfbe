/* Owns the binding of values and what failures of SQLite mean. */
#include "export/sqlite_rows.h"

#include "base/utf8.h"

#include <errno.h>
#include <string.h>

int sql_errno(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_TOOBIG:
        return -EFBIG;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return -EACCES;
    }
    return -EIO;
}

int sql_row_prepare(sqlite3 *db, const char *sql, struct sql_row *ret, struct err *err)
{
    *ret = (struct sql_row){.at = 1};
    int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &ret->stmt, NULL);
    return rc == SQLITE_OK
               ? 0
               : err_set(err, -sql_errno(rc), "cannot write the database: %s", sqlite3_errmsg(db));
}

void sql_row_done(struct sql_row *row)
{
    if (row != NULL)
        sqlite3_finalize(row->stmt);
}

static void note(struct sql_row *row, int rc)
{
    row->at++;
    if (row->rc == SQLITE_OK)
        row->rc = rc;
}

void sql_row_int(struct sql_row *row, int64_t value)
{
    note(row, sqlite3_bind_int64(row->stmt, row->at, value));
}

void sql_row_uint(struct sql_row *row, uint64_t value)
{
    sql_row_int(row, (int64_t)value);
}

void sql_row_null(struct sql_row *row)
{
    note(row, SQLITE_OK);
}

static size_t plain_length(const uint8_t *s, size_t len)
{
    size_t i = 0;
    for (size_t n; i < len && s[i] != '\0'; i += n)
        if ((n = utf8_char(s + i, len - i)) == 0)
            break;
    return i;
}

void sql_row_text(struct sql_row *row, const void *data, size_t len)
{
    if (len == 0)
        data = "";
    if (plain_length(data, len) == len) {
        note(row,
             sqlite3_bind_text64(row->stmt, row->at, data, len, SQLITE_TRANSIENT, SQLITE_UTF8));
        return;
    }
    struct buf clean = {0};
    const uint8_t *s = data;
    int r = 0;
    for (size_t i = 0, n; i < len && r == 0; i += n) {
        n = strnlen((const char *)s + i, len - i);
        r = utf8_append(&clean, s + i, n);
        if (r == 0 && i + n < len) {
            r = buf_append(&clean, "\\x00", 4);
            n++;
        }
    }
    note(row, r < 0 ? SQLITE_NOMEM
                    : sqlite3_bind_text64(row->stmt, row->at, (const char *)clean.data, clean.len,
                                          SQLITE_TRANSIENT, SQLITE_UTF8));
    buf_done(&clean);
}

void sql_row_str(struct sql_row *row, const char *text)
{
    if (text != NULL)
        sql_row_text(row, text, strlen(text));
    else
        sql_row_null(row);
}

int sql_row_run(struct sql_row *row)
{
    int rc = row->rc != SQLITE_OK ? row->rc : sqlite3_step(row->stmt);
    sqlite3_reset(row->stmt);
    sqlite3_clear_bindings(row->stmt);
    row->at = 1;
    row->rc = SQLITE_OK;
    return sql_errno(rc);
}

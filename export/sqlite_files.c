/* Owns the names of what calls are about, and their numbers. */
#include "export/sqlite_files.h"

#include "decode/sockaddr_text.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <xxhash.h>

#define KNOWN_MAX ((size_t)1 << 20) /* beyond, the database is asked */

static const char *const kinds[] = {
    [FD_UNKNOWN] = "unknown", [FD_FILE] = "file",         [FD_PIPE] = "pipe",
    [FD_SOCKET] = "socket",   [FD_PTY] = "pty",           [FD_EVENTFD] = "eventfd",
    [FD_EPOLL] = "epoll",     [FD_SIGNALFD] = "signalfd", [FD_TIMERFD] = "timerfd",
    [FD_INOTIFY] = "inotify", [FD_FANOTIFY] = "fanotify", [FD_MEMFD] = "memfd",
    [FD_PIDFD] = "pidfd",     [FD_MQUEUE] = "mqueue",     [FD_OTHER] = "other",
};

int sqlite_files_open(sqlite3 *db, struct sqlite_files *ret, struct err *err)
{
    int r = sql_row_prepare(db, "INSERT OR IGNORE INTO files (kind, name, peer) VALUES (?, ?, ?)",
                            &ret->insert, err);
    return r == 0 ? sql_row_prepare(db, "SELECT file FROM files WHERE kind = ? AND name = ?",
                                    &ret->find, err)
                  : r;
}

void sqlite_files_done(struct sqlite_files *f)
{
    sql_row_done(&f->insert);
    sql_row_done(&f->find);
    map64_done(&f->known);
    buf_done(&f->name);
}

static int find(struct sqlite_files *f, const char *kind, int64_t *ret_number)
{
    struct sql_row *row = &f->find;
    sql_row_str(row, kind);
    sql_row_text(row, f->name.data, f->name.len);
    int rc = row->rc != SQLITE_OK ? row->rc : sqlite3_step(row->stmt);
    if (rc == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(row->stmt, 0);
    sqlite3_reset(row->stmt);
    row->at = 1;
    row->rc = SQLITE_OK;
    return sql_errno(rc);
}

static int add(struct sqlite_files *f, const char *kind, const struct fd_object *o)
{
    struct buf peer = {0};
    int r = 0;
    if (o != NULL && o->kind == FD_SOCKET && o->peer_len > 0)
        r = address_text_short(o->peer, o->peer_len, &peer);
    sql_row_str(&f->insert, kind);
    sql_row_text(&f->insert, f->name.data, f->name.len);
    if (peer.len > 0)
        sql_row_text(&f->insert, peer.data, peer.len);
    buf_done(&peer);
    int run = sql_row_run(&f->insert);
    return r < 0 ? r : run;
}

static uint64_t hash_of(const char *kind, const struct buf *name)
{
    return XXH3_64bits_withSeed(name->data, name->len, XXH3_64bits(kind, strlen(kind)));
}

int sqlite_files_number(struct sqlite_files *f, const struct trace_view *view,
                        const struct walk_task *task, const struct walk_call *call,
                        int64_t *ret_number)
{
    const struct fd_object *o;
    *ret_number = 0;
    buf_clear(&f->name);
    int r = trace_view_subject(view, task, call, &o, &f->name);
    if (r == 0 && o != NULL)
        r = o->path != NULL ? buf_append(&f->name, o->path, strlen(o->path))
                            : fd_object_text(o, &f->name);
    if (r < 0 || f->name.len == 0 || (o != NULL && o->kind == FD_UNKNOWN && o->path == NULL))
        return r;
    const char *kind = kinds[o != NULL ? o->kind : FD_FILE];
    uint64_t hash = hash_of(kind, &f->name);
    *ret_number = (int64_t)(uintptr_t)map64_get(&f->known, hash);
    if (*ret_number > 0)
        return 0;
    r = add(f, kind, o);
    if (r == 0)
        r = find(f, kind, ret_number);
    if (r == 0 && *ret_number > 0 && f->known.len < KNOWN_MAX)
        r = map64_put(&f->known, hash, (void *)(uintptr_t)*ret_number);
    return r;
}

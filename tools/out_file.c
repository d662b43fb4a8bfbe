/* Owns the making of files beside their place, and the question what may be overwritten. */
#include "tools/out_file.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MODE       0600
#define TEMP_TRIES 100

static int open_temp(const char *path, char **ret_temp, struct err *err)
{
    for (unsigned n = 0; n < TEMP_TRIES; n++) {
        char *temp SCOPE_FREE = NULL;
        if (asprintf(&temp, "%s.%d.%u.tmp", path, (int)getpid(), n) < 0)
            return err_sys(err, ENOMEM, "cannot create %s", path);
        int fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
        if (fd >= 0) {
            *ret_temp = TAKE(temp);
            return fd;
        }
        if (errno != EEXIST)
            return err_sys(err, errno, "cannot create %s", path);
    }
    return err_sys(err, EEXIST, "cannot create a file beside %s", path);
}

static bool is_same_file(const struct stat *st, const char *path)
{
    struct stat other;
    return stat(path, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino;
}

/* 1: written in place, 0: to be made. */
static int look(const char *path, bool force, const char *trace_path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : err_sys(err, errno, "cannot create %s", path);
    if (S_ISDIR(st.st_mode))
        return err_set(err, EISDIR, "cannot write to %s: it is a directory", path);
    if (!S_ISREG(st.st_mode))
        return 1;
    if (is_same_file(&st, trace_path))
        return err_set(err, EINVAL, "%s is the trace itself; it will not be overwritten", path);
    if (!force)
        return err_set(err, EEXIST, "%s exists already; --force overwrites it", path);
    return 0;
}

int out_file_open(const char *path, bool force, const char *trace_path, struct out_file *ret,
                  struct err *err)
{
    struct out_file f = {.path = path, .is_open = true};
    if (strcmp(path, "-") == 0) {
        f.fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        if (f.fd < 0)
            return err_sys(err, errno, "cannot write to the standard output");
        *ret = f;
        return 0;
    }
    int r = look(path, force, trace_path, err);
    if (r < 0)
        return r;
    f.fd = r == 1 ? open(path, O_WRONLY | O_CLOEXEC) : open_temp(path, &f.temp, err);
    if (f.fd < 0)
        return r == 1 ? err_sys(err, errno, "cannot write to %s", path) : f.fd;
    *ret = f;
    return 0;
}

const char *out_file_path(const struct out_file *f)
{
    return f->temp != NULL ? f->temp : f->path;
}

int out_file_keep(struct out_file *f, struct err *err)
{
    if (f->temp == NULL)
        return 0;
    if (rename(f->temp, f->path) != 0)
        return err_sys(err, errno, "cannot put %s in its place", f->path);
    free(f->temp);
    f->temp = NULL;
    return 0;
}

void out_file_done(struct out_file *f)
{
    if (f == NULL || !f->is_open)
        return;
    close(f->fd);
    if (f->temp != NULL)
        unlink(f->temp);
    free(f->temp);
    *f = (struct out_file){0};
}

/* Owns the making of the file for a recording. */
#include "tools/new_trace.h"

#include "base/scope.h"
#include "tools/trace_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CREATE_FLAGS    (O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
#define NAME_BYTES_MAX  200 /* of the program's name; NAME_MAX less number and suffix */
#define TRACE_MODE      0600
#define TEMP_NAME_TRIES 100

/* The program's name, fit for a file: no control characters, no dot in front. */
static void name_of_program(const char *program, char name[NAME_BYTES_MAX + 1])
{
    const char *slash = strrchr(program, '/');
    const char *base = slash != NULL ? slash + 1 : program;
    size_t n = 0;
    for (; base[n] != '\0' && n < NAME_BYTES_MAX; n++) {
        unsigned char c = (unsigned char)base[n];
        name[n] = c < 0x20 || c == 0x7f || (n == 0 && (c == '.' || c == '-')) ? '_' : base[n];
    }
    name[n] = '\0';
    if (n == 0)
        strcpy(name, "program");
}

int new_trace_open_numbered(const char *program, struct new_trace *ret, struct err *err)
{
    char *dir SCOPE_FREE = NULL;
    int r = trace_dir_make(&dir, err);
    if (r < 0)
        return r;
    char name[NAME_BYTES_MAX + 1];
    name_of_program(program, name);
    for (unsigned n = 0; n < INT_MAX; n++) {
        char *path SCOPE_FREE = NULL;
        if (asprintf(&path, "%s/%s-%u" TRACE_SUFFIX, dir, name, n) < 0)
            return err_sys(err, ENOMEM, "cannot name the trace");
        int fd = open(path, CREATE_FLAGS, TRACE_MODE);
        if (fd >= 0) {
            *ret = (struct new_trace){.path = TAKE(path), .fd = fd};
            return 0;
        }
        if (errno != EEXIST)
            return err_sys(err, errno, "cannot create the trace %s", path);
    }
    return err_set(err, EEXIST, "all numbers are taken in %s; 'reprise rm' removes traces", dir);
}

/* A file next to `path`, to be renamed over it: a new one, or with `fd` the one that is open there
 * and has no name. The descriptor, or -errno. */
static int make_temp(const char *path, int fd, char **ret_temp, struct err *err)
{
    char open_file[64];
    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", fd);
    for (unsigned n = 0; n < TEMP_NAME_TRIES; n++) {
        char *temp SCOPE_FREE = NULL;
        if (asprintf(&temp, "%s.%d.%u.tmp", path, (int)getpid(), n) < 0)
            return err_sys(err, ENOMEM, "cannot name the trace");
        int made = fd;
        if (fd < 0)
            made = open(temp, CREATE_FLAGS, TRACE_MODE);
        else if (linkat(AT_FDCWD, open_file, AT_FDCWD, temp, AT_SYMLINK_FOLLOW) < 0)
            made = -1;
        if (made >= 0) {
            *ret_temp = TAKE(temp);
            return made;
        }
        if (errno != EEXIST)
            return err_sys(err, errno, "cannot create the trace %s", path);
    }
    return err_sys(err, EEXIST, "cannot create a file beside %s", path);
}

/* One without a name goes when we go, whatever ends us. Not all file systems have that, and it gets
 * its name by /proc. */
static int open_nameless(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir SCOPE_FREE = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (dir == NULL || access("/proc/self/fd", X_OK) < 0)
        return -1;
    return open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, TRACE_MODE);
}

static int check_replaceable(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : err_sys(err, errno, "cannot create the trace %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
                       "cannot write a trace to %s: it is %s", path,
                       S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    return 0;
}

int new_trace_open_named(const char *path, bool force, struct new_trace *ret, struct err *err)
{
    int r = check_replaceable(path, err);
    if (r < 0)
        return r;
    char *temp SCOPE_FREE = NULL;
    char *copy SCOPE_FREE = strdup(path);
    if (copy == NULL)
        return err_sys(err, ENOMEM, "cannot name the trace");
    int fd = open(path, CREATE_FLAGS, TRACE_MODE);
    if (fd < 0 && errno == EEXIST && !force)
        return err_set(err, EEXIST, "%s exists already; --force overwrites it", path);
    if (fd < 0 && errno != EEXIST)
        return err_sys(err, errno, "cannot create the trace %s", path);
    bool nameless = fd < 0 && (fd = open_nameless(path)) >= 0;
    if (fd < 0)
        fd = make_temp(path, -1, &temp, err);
    if (fd < 0)
        return fd;
    *ret = (struct new_trace){
        .path = TAKE(copy), .temp = TAKE(temp), .fd = fd, .named = true, .nameless = nameless};
    return 0;
}

/* A trace in the directory is named relative to it, so that the directory can be moved. */
static int point_latest(const char *path, struct err *err)
{
    char *dir SCOPE_FREE = NULL;
    int r = trace_dir_make(&dir, err);
    if (r < 0)
        return r;
    char *real SCOPE_FREE = realpath(path, NULL);
    char *real_dir SCOPE_FREE = realpath(dir, NULL);
    if (real == NULL || real_dir == NULL)
        return err_sys(err, errno, "cannot find %s again", path);
    size_t len = strlen(real_dir);
    bool inside = strncmp(real, real_dir, len) == 0 && real[len] == '/' &&
                  strchr(real + len + 1, '/') == NULL;
    return trace_dir_set_latest(dir, inside ? real + len + 1 : real, err);
}

int new_trace_keep(struct new_trace *t, struct err *err)
{
    t->kept = true;
    if (t->nameless) {
        int fd = make_temp(t->path, t->fd, &t->temp, err);
        if (fd < 0)
            return fd;
        t->nameless = false;
    }
    if (t->temp != NULL && rename(t->temp, t->path) != 0) {
        int e = errno;
        free(t->path);
        t->path = TAKE(t->temp);
        return err_sys(err, e, "cannot put the trace in its place; it is %s", t->path);
    }
    free(t->temp);
    t->temp = NULL;
    int r = point_latest(t->path, t->named ? NULL : err);
    return t->named ? 0 : r;
}

const char *new_trace_whereabouts(const struct new_trace *t)
{
    struct stat file, there;
    if (fstat(t->fd, &file) < 0)
        return NULL;
    if (file.st_nlink == 0)
        return "was deleted while it was written: nothing is left of it";
    if (stat(t->path, &there) < 0 || there.st_ino != file.st_ino || there.st_dev != file.st_dev)
        return "is there no more: it was moved away while it was written";
    return NULL;
}

void new_trace_done(struct new_trace *t)
{
    if (t == NULL || t->path == NULL)
        return;
    close(t->fd);
    if (!t->kept && !t->nameless)
        unlink(t->temp != NULL ? t->temp : t->path);
    free(t->path);
    free(t->temp);
    *t = (struct new_trace){0};
}

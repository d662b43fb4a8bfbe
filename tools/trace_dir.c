/* Owns the directory of traces and its `latest` link; knows nothing of what is in a trace. */
#include "tools/trace_dir.h"

#include "base/scope.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *env_path(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

int trace_dir_path(char **ret, struct err *err)
{
    const char *own = env_path("REPRISE_TRACE_DIR");
    const char *data = env_path("XDG_DATA_HOME");
    const char *home = env_path("HOME");
    int n;
    if (own != NULL)
        n = asprintf(ret, "%s", own);
    else if (data != NULL && data[0] == '/') /* a relative one is invalid: XDG base directories */
        n = asprintf(ret, "%s/reprise", data);
    else if (home != NULL)
        n = asprintf(ret, "%s/.local/share/reprise", home);
    else
        return err_set(err, ENOENT,
                       "no directory for traces: neither REPRISE_TRACE_DIR nor "
                       "XDG_DATA_HOME nor HOME is set");
    return n < 0 ? err_sys(err, ENOMEM, "cannot name the directory of traces") : 0;
}

/* mkdir -p, for the user alone. */
static int make_path(char *path, struct err *err)
{
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        int e = mkdir(path, 0700) == 0 ? 0 : errno;
        struct stat st;
        /* mkdir tells ENOENT, EROFS or EACCES of directories that exist just as well */
        if (e != 0 && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
            return err_sys(err, e == EEXIST ? ENOTDIR : e,
                           "cannot make %s, the directory for traces", path);
        *p = end;
        if (end == '\0')
            return 0;
    }
}

int trace_dir_make(char **ret, struct err *err)
{
    char *path SCOPE_FREE = NULL;
    int r = trace_dir_path(&path, err);
    if (r < 0)
        return r;
    r = make_path(path, err);
    if (r < 0)
        return r;
    *ret = TAKE(path);
    return 0;
}

char *trace_dir_join(const char *dir, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

bool trace_dir_is_trace_name(const char *name)
{
    size_t len = strlen(name), suffix = strlen(TRACE_SUFFIX);
    return name[0] != '.' && len > suffix && strcmp(name + len - suffix, TRACE_SUFFIX) == 0;
}

/* ---- list ---- */

struct entry {
    char *name;
    struct timespec changed;
};

static int by_age(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->changed.tv_sec != y->changed.tv_sec)
        return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
    if (x->changed.tv_nsec != y->changed.tv_nsec)
        return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : 1;
    return strverscmp(x->name, y->name);
}

struct entries {
    struct entry *v;
    size_t n, cap;
};

static int add_entry(struct entries *e, const char *name, struct timespec changed)
{
    if (e->n == e->cap) {
        size_t cap = e->cap * 2 + 16;
        struct entry *v = reallocarray(e->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        e->v = v;
        e->cap = cap;
    }
    char *copy = strdup(name);
    if (copy == NULL)
        return -ENOMEM;
    e->v[e->n++] = (struct entry){copy, changed};
    return 0;
}

static int read_entries(DIR *d, struct entries *e)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(d);
        if (entry == NULL)
            return -errno;
        struct stat st;
        if (!trace_dir_is_trace_name(entry->d_name) ||
            fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        int r = add_entry(e, entry->d_name, st.st_mtim);
        if (r < 0)
            return r;
    }
}

int trace_dir_list(const char *dir, struct trace_names *ret, struct err *err)
{
    *ret = (struct trace_names){0};
    DIR *d = opendir(dir);
    if (d == NULL)
        return errno == ENOENT ? 0 : err_sys(err, errno, "cannot list %s", dir);
    struct entries e = {0};
    int r = read_entries(d, &e);
    closedir(d);
    if (r == 0 && e.n > 0) {
        qsort(e.v, e.n, sizeof e.v[0], by_age);
        ret->v = calloc(e.n, sizeof ret->v[0]);
        r = ret->v == NULL ? -ENOMEM : 0;
    }
    for (size_t i = 0; i < e.n; i++) {
        if (r == 0)
            ret->v[ret->n++] = e.v[i].name;
        else
            free(e.v[i].name);
    }
    free(e.v);
    return r < 0 ? err_sys(err, -r, "cannot list %s", dir) : 0;
}

void trace_names_done(struct trace_names *names)
{
    if (names == NULL)
        return;
    for (size_t i = 0; i < names->n; i++)
        free(names->v[i]);
    free(names->v);
    *names = (struct trace_names){0};
}

/* ---- latest ---- */

int trace_dir_set_latest(const char *dir, const char *target, struct err *err)
{
    char *link SCOPE_FREE = trace_dir_join(dir, TRACE_LATEST);
    char *temp SCOPE_FREE = NULL;
    if (link == NULL || asprintf(&temp, "%s/.latest.%d", dir, (int)getpid()) < 0)
        return err_sys(err, ENOMEM, "cannot set the latest trace");
    unlink(temp); /* left behind by a process of this number that was killed */
    if (symlink(target, temp) != 0)
        return err_sys(err, errno, "cannot make the link %s", link);
    if (rename(temp, link) != 0) {
        int e = errno;
        unlink(temp);
        return err_sys(err, e, "cannot make the link %s", link);
    }
    return 0;
}

int trace_dir_mend_latest(const char *dir, struct err *err)
{
    char *link SCOPE_FREE = trace_dir_join(dir, TRACE_LATEST);
    if (link == NULL)
        return err_sys(err, ENOMEM, "cannot set the latest trace");
    if (access(link, F_OK) == 0 || errno != ENOENT)
        return 0;
    struct trace_names names;
    int r = trace_dir_list(dir, &names, err);
    if (r < 0)
        return r;
    if (names.n > 0)
        r = trace_dir_set_latest(dir, names.v[names.n - 1], err);
    else if (unlink(link) != 0 && errno != ENOENT)
        r = err_sys(err, errno, "cannot remove %s", link);
    trace_names_done(&names);
    return r;
}

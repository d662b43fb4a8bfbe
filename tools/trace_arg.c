/* Owns the lookup of traces by name. */
#include "tools/trace_arg.h"

#include "base/scope.h"
#include "tools/trace_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_trusted(const struct stat *st)
{
    return st->st_uid == geteuid() || st->st_uid == 0;
}

/* In a directory that several users share anybody may make the link, and nobody named the trace
 * that it leads to: it is followed only where it and the trace are the user's own, or root's. In a
 * directory without the sticky bit others can exchange them after this look, as they can the
 * traces themselves. */
static int check_owner(const char *link, const char *path, struct err *err)
{
    struct stat l, target;
    if (lstat(link, &l) < 0 || stat(path, &target) < 0)
        return err_sys(err, errno, "cannot read %s", link);
    if (is_trusted(&l) && is_trusted(&target))
        return 0;
    const struct stat *other = is_trusted(&l) ? &target : &l;
    return err_set(err, EPERM,
                   "%s is not followed: %s belongs to another user (%u). Name the trace, if you "
                   "trust it: %s",
                   link, other == &l ? "the link" : "the trace", (unsigned)other->st_uid, path);
}

/* realpath, so that messages name the trace and not the link. */
static int resolve_latest(char **ret_path, struct err *err)
{
    char *dir SCOPE_FREE = NULL;
    int r = trace_dir_path(&dir, err);
    if (r < 0)
        return r;
    char *link SCOPE_FREE = trace_dir_join(dir, TRACE_LATEST);
    if (link == NULL)
        return err_sys(err, ENOMEM, "cannot find the latest trace");
    char *path SCOPE_FREE = realpath(link, NULL);
    if (path != NULL) {
        r = check_owner(link, path, err);
        if (r == 0)
            *ret_path = TAKE(path);
        return r;
    }
    int e = errno;
    struct stat st;
    if (e == ENOENT && lstat(link, &st) == 0)
        return err_set(err, ENOENT, "the latest trace is gone; 'reprise ls' lists what is there");
    if (e == ENOENT)
        return err_set(err, ENOENT, "there is no trace yet; 'reprise record PROGRAM' makes one");
    return err_sys(err, e, "cannot read %s", link);
}

int trace_arg_in_dir(const char *name, char **ret_path, struct err *err)
{
    char *dir SCOPE_FREE = NULL;
    int r = trace_dir_path(&dir, err);
    if (r < 0)
        return r;
    char *path SCOPE_FREE = trace_dir_join(dir, name);
    char *with_suffix SCOPE_FREE = NULL;
    if (path == NULL || asprintf(&with_suffix, "%s" TRACE_SUFFIX, path) < 0)
        return err_sys(err, ENOMEM, "cannot look for %s", name);
    if (strchr(name, '/') == NULL && access(with_suffix, F_OK) == 0)
        *ret_path = TAKE(with_suffix);
    else if (strcmp(name, TRACE_LATEST) == 0)
        return resolve_latest(ret_path, err);
    else if (strchr(name, '/') == NULL && access(path, F_OK) == 0 && !is_dir(path))
        *ret_path = TAKE(path);
    else
        return err_set(err, ENOENT, "there is no trace '%s' in %s; 'reprise ls' lists them", name,
                       dir);
    return 0;
}

int trace_arg_resolve(const char *arg, char **ret_path, struct err *err)
{
    if (arg == NULL)
        return resolve_latest(ret_path, err);
    bool bare = strchr(arg, '/') == NULL;
    if (bare && (access(arg, F_OK) != 0 || is_dir(arg)) &&
        trace_arg_in_dir(arg, ret_path, NULL) == 0)
        return 0;
    if (bare && strcmp(arg, TRACE_LATEST) == 0 && access(arg, F_OK) != 0)
        return resolve_latest(ret_path, err);
    char *copy = strdup(arg);
    if (copy == NULL)
        return err_sys(err, ENOMEM, "cannot look for %s", arg);
    *ret_path = copy;
    return 0;
}

int trace_arg_open(const char *arg, struct trace_reader **ret, char **ret_path, struct err *err)
{
    char *path SCOPE_FREE = NULL;
    int r = trace_arg_resolve(arg, &path, err);
    if (r == 0)
        r = trace_reader_open(path, ret, err);
    if (r == 0 && ret_path != NULL)
        *ret_path = TAKE(path);
    return r;
}

/* Owns what a recording by an ordinary user cannot do: look into programs that he may not read, and
 * let set-uid programs have their owner's rights. */
#include "recorder/exec_rights.h"

#include "base/scope.h"
#include "task/made_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool may_trace_all(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    return syscall(NR_CAPGET, &head, data) == 0 &&
           (data[0].effective & (1u << CAP_SYS_PTRACE)) != 0;
}

static bool is_hidden(const char *path)
{
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 &&
           faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0 && errno == EACCES;
}

/* Of a script, by an absolute path. */
static bool interpreter_is_hidden(const char *root, const char *script)
{
    char line[256] = {0}, path[512];
    int fd SCOPE_CLOSE = open(script, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || read(fd, line, sizeof line - 1) < 2 || memcmp(line, "#!", 2) != 0)
        return false;
    char *name = line + 2 + strspn(line + 2, " \t");
    name[strcspn(name, " \t\n")] = '\0';
    snprintf(path, sizeof path, "%s%s", root, name);
    return name[0] == '/' && is_hidden(path);
}

bool exec_rights_hide_memory(const char *root, const char *path)
{
    return (is_hidden(path) || interpreter_is_hidden(root, path)) && !may_trace_all();
}

static const char *rights_of(const char *path, const struct stat *st)
{
    const mode_t set_gid = S_ISGID | S_IXGRP;
    if ((st->st_mode & S_ISUID) != 0 && st->st_uid != geteuid())
        return "set-uid";
    if ((st->st_mode & set_gid) == set_gid && st->st_gid != getegid())
        return "set-gid";
    return getxattr(path, "security.capability", NULL, 0) > 0 ? "given capabilities" : NULL;
}

void exec_rights_warn(struct recorder *r, pid_t pid, const char *path, const char *name)
{
    struct stat st;
    const char *what = stat(path, &st) == 0 ? rights_of(path, &st) : NULL;
    uint64_t key = (uint64_t)1 << 63 | st.st_ino;
    if (what == NULL || may_trace_all() || map64_get(&r->warned, key) != NULL)
        return;
    map64_put(&r->warned, key, r);
    recorder_warn(r,
                  "process %d executes %s, which is %s: while it is recorded it does not get these "
                  "rights, and may fail for want of them; root's recordings have them",
                  (int)pid, name, what);
}

/* Owns the paths below /proc/TID and the form of the files there. Makes no ptrace request.
 *
 * A task's name stands in the midst of /proc/TID/stat and may hold anything, blanks and parentheses
 * too: it ends at the last parenthesis of the text. */
#include "task/proc.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct proc_path proc_path(pid_t tid, const char *name)
{
    struct proc_path p;
    snprintf(p.s, sizeof p.s, "/proc/%d/%s", (int)tid, name);
    return p;
}

struct proc_path proc_fd(pid_t tid, int fd)
{
    struct proc_path p;
    snprintf(p.s, sizeof p.s, "/proc/%d/fd/%d", (int)tid, fd);
    return p;
}

struct proc_path proc_fdinfo(pid_t tid, int fd)
{
    struct proc_path p;
    snprintf(p.s, sizeof p.s, "/proc/%d/fdinfo/%d", (int)tid, fd);
    return p;
}

int proc_open(pid_t tid, const char *name)
{
    int fd = open(proc_path(tid, name).s, O_RDONLY | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

bool proc_has_thread(pid_t pid, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d", (int)pid, (int)tid);
    return access(path, F_OK) == 0;
}

/* The field of that number begins so many blanks behind the name, which is field 2. */
static const char *stat_field(const char *name_end, int number)
{
    const char *p = name_end;
    for (int field = 2; p != NULL && field < number; field++)
        p = strchr(p + 1, ' ');
    return p != NULL ? p + 1 : "";
}

bool proc_stat(pid_t tid, struct proc_stat *ret)
{
    enum { STATE = 3, PARENT = 4, START_BRK = 47 };
    char text[1024];
    int fd SCOPE_CLOSE = proc_open(tid, "stat");
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (n <= 0)
        return false;
    text[n] = '\0';
    const char *name_end = strrchr(text, ')');
    if (name_end == NULL)
        return false;
    ret->state = stat_field(name_end, STATE)[0];
    ret->parent = atoi(stat_field(name_end, PARENT));
    ret->start_brk = strtoull(stat_field(name_end, START_BRK), NULL, 10);
    return true;
}

char proc_state(pid_t tid)
{
    struct proc_stat stat;
    return proc_stat(tid, &stat) ? stat.state : 'X';
}

bool proc_field(struct proc_path file, const char *key, char *ret, size_t size)
{
    char line[256];
    size_t len = strlen(key);
    FILE *f = fopen(file.s, "re");
    bool found = false;
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        found = strncmp(line, key, len) == 0 && line[len] == ':';
        const char *value = line + len + (found ? 1 : 0);
        value += strspn(value, " \t");
        if (found)
            snprintf(ret, size, "%.*s", (int)strcspn(value, "\n"), value);
    }
    if (f != NULL)
        fclose(f);
    return found;
}

long proc_number(struct proc_path file, const char *key, int base)
{
    char text[32];
    return proc_field(file, key, text, sizeof text) ? strtol(text, NULL, base) : 0;
}

void proc_children(pid_t tid, void (*found)(void *ctx, pid_t child), void *ctx)
{
    char path[64];
    int child;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)tid, (int)tid);
    FILE *f = fopen(path, "re");
    while (f != NULL && fscanf(f, "%d", &child) == 1)
        found(ctx, child);
    if (f != NULL)
        fclose(f);
}

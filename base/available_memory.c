/* Owns the reading of what memory is left: of the machine, and of the control groups. */
#include "base/available_memory.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#define TEXT_SIZE 16384

/* As much of a file as fits, as a string; empty if there is none. */
static bool read_text(char text[TEXT_SIZE], const char *path)
{
    int fd SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    text[0] = '\0';
    while (fd >= 0 && len < TEXT_SIZE - 1) {
        ssize_t n = read(fd, text + len, TEXT_SIZE - 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    text[len] = '\0';
    return len > 0;
}

/* The number behind a word at the beginning of a line. */
static bool find_number(const char *text, const char *word, uint64_t *ret)
{
    size_t len = strlen(word);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, len) == 0 && sscanf(line + len, "%lu", ret) == 1)
            return true;
    }
    return false;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- the machine ---- */

static uint64_t of_machine(const char *root)
{
    char path[PATH_MAX], text[TEXT_SIZE];
    uint64_t kib;
    struct sysinfo info;
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    if (read_text(text, path) && find_number(text, "MemAvailable:", &kib))
        return kib * 1024;
    return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : UINT64_MAX;
}

/* ---- control groups (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst) ---- */

static const struct version {
    const char *mounts[2];
    const char *limits[2];
    const char *used;
    const char *cached; /* in memory.stat: counted as used, but given up when memory is needed */
} versions[] = {
    {{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"},
     {"memory.max", "memory.high"},
     "memory.current",
     "inactive_file "},
    {{"/sys/fs/cgroup/memory", NULL},
     {"memory.limit_in_bytes", NULL},
     "memory.usage_in_bytes",
     "total_inactive_file "},
};

static bool read_number(const char *dir, const char *name, uint64_t *ret)
{
    char path[2 * PATH_MAX], text[TEXT_SIZE];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return read_text(text, path) && find_number(text, "", ret); /* "max" is no number */
}

/* What one group lets its processes take besides what they have. */
static uint64_t room_of_group(const struct version *v, const char *dir)
{
    char path[2 * PATH_MAX], text[TEXT_SIZE];
    uint64_t limit = UINT64_MAX, used = 0, cached = 0, n;
    for (size_t i = 0; i < 2; i++)
        if (v->limits[i] != NULL && read_number(dir, v->limits[i], &n))
            limit = least(limit, n);
    if (limit == UINT64_MAX || !read_number(dir, v->used, &used))
        return limit;
    snprintf(path, sizeof path, "%s/memory.stat", dir);
    if (read_text(text, path) && find_number(text, v->cached, &cached))
        used -= least(used, cached);
    return limit - least(limit, used);
}

/* Of a group and all around it. Within a container the group's own name may be that outside of it,
 * which is not there: then those that are there count. */
static uint64_t room_of_path(const struct version *v, const char *mount, const char *group)
{
    char dir[PATH_MAX];
    uint64_t room = UINT64_MAX;
    int len = snprintf(dir, sizeof dir, "%s%s", mount, group);
    if (len < 0 || (size_t)len >= sizeof dir)
        return room;
    size_t mount_len = strlen(mount);
    for (char *end = dir + len; end != NULL; end = strrchr(dir + mount_len, '/')) {
        *end = '\0';
        room = least(room, room_of_group(v, dir));
    }
    return room;
}

static uint64_t room_of(const struct version *v, const char *root, const char *group)
{
    char mount[PATH_MAX];
    uint64_t room = UINT64_MAX;
    for (size_t i = 0; i < 2 && v->mounts[i] != NULL; i++) {
        snprintf(mount, sizeof mount, "%s%s", root, v->mounts[i]);
        room = least(room, room_of_path(v, mount, group));
    }
    return room;
}

/* "memory" among names with commas between. */
static bool names_memory(const char *list)
{
    const char *at = strstr(list, "memory");
    return at != NULL && (at == list || at[-1] == ',') && (at[6] == '\0' || at[6] == ',');
}

static uint64_t of_groups(const char *root)
{
    char path[PATH_MAX], text[TEXT_SIZE];
    uint64_t room = UINT64_MAX;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    if (!read_text(text, path))
        return least(room_of(&versions[0], root, ""), room_of(&versions[1], root, ""));
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *names = strchr(line, ':'); /* number:controllers:path; version 2: 0::path */
        char *group = names != NULL ? strchr(names + 1, ':') : NULL;
        if (group == NULL)
            continue;
        *group = '\0';
        if (names[1] == '\0')
            room = least(room, room_of(&versions[0], root, group + 1));
        else if (names_memory(names + 1))
            room = least(room, room_of(&versions[1], root, group + 1));
    }
    return room;
}

uint64_t available_memory(const char *root)
{
    return least(of_machine(root), of_groups(root));
}

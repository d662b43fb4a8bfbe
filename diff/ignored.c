/* Owns the names of what is ignored. */
#include "diff/ignored.h"

#include <string.h>

static const struct ignored_kind kinds[IGNORED_COUNT] = {
    [IGNORED_TASK_ID] = {"task-id", "numbers of processes and threads"},
    [IGNORED_FD] = {"fd", "numbers of descriptors"},
    [IGNORED_ADDRESS] = {"address", "where things lie in memory"},
    [IGNORED_TIME] = {"time", "clocks, time stamps, computed timeouts"},
    [IGNORED_RANDOM] = {"random", "random bytes"},
    [IGNORED_INODE] = {"inode", "numbers of inodes and devices"},
    [IGNORED_PORT] = {"port", "ports that the kernel chose"},
    [IGNORED_TEMP_NAME] = {"temp-name", "names of temporary files"},
    [IGNORED_DIR_ORDER] = {"dir-order", "the order of names in a directory"},
    [IGNORED_USAGE] = {"usage", "CPU time, memory, free space"},
    [IGNORED_PROC] = {"proc", "what files of /proc and /sys hold"},
    [IGNORED_ENVIRONMENT] = {"environment", "variables such as SHLVL"},
    [IGNORED_SCHEDULE] = {"schedule", "the order of tasks, and how they waited"},
};

const struct ignored_kind *ignored_kind(enum ignored kind)
{
    return &kinds[kind];
}

int ignored_find(const char *name, size_t len)
{
    for (int i = 0; i < IGNORED_COUNT; i++)
        if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0)
            return i;
    return -1;
}

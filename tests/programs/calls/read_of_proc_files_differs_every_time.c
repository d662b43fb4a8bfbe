/* Files of proc(5) whose content depends on the moment and on the process. */
#include "check.h"

static void show(const char *path)
{
    char text[4096];
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    ssize_t n = read(fd, text, sizeof text - 1);
    CHECK(n > 0);
    text[n] = 0;
    say("%s: %.120s\n", path, text);
    close(fd);
}

int main(void)
{
    show("/proc/uptime");
    show("/proc/loadavg");
    show("/proc/self/stat");
    show("/proc/self/statm");
    show("/proc/self/cmdline");
    show("/proc/sys/kernel/random/uuid");
    show("/proc/stat");
    show("/proc/meminfo");
    return 0;
}

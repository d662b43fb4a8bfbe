/* /proc/self/status must not show the recorder: TracerPid is 0, NoNewPrivs and Seccomp are as the
 * parent left them: proc(5). */
#include "check.h"

static long field(const char *text, const char *name)
{
    const char *p = strstr(text, name);
    return p == NULL ? -1 : strtol(p + strlen(name), NULL, 10);
}

int main(void)
{
    char text[8192] = "";
    int fd = open("/proc/self/status", O_RDONLY);
    CHECK(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    say("%s", text);
    CHECK(field(text, "TracerPid:\t") == 0);
    CHECK(field(text, "NoNewPrivs:\t") <= 0);
    CHECK(field(text, "Seccomp:\t") <= 0);
    CHECK(field(text, "PPid:\t") == getppid());

    /* The same by a child of another, read in small pieces. */
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/status", (int)getppid());
        memset(text, 0, sizeof text);
        fd = open(path, O_RDONLY);
        CHECK(fd >= 0);
        for (size_t n = 0; n < sizeof text - 8 && read(fd, text + n, 7) > 0; n += strlen(text + n))
            ;
        CHECK(field(text, "TracerPid:\t") == 0);
        _exit(0);
    }
    wait_for_success(child);
    return 0;
}

/* The environment and arguments are those that the parent gave, with nothing added: environ(7). The
 * kernel's copy in /proc/self/environ is the same. */
#include "check.h"

extern char **environ;

int main(int argc, char **argv)
{
    size_t size = 0;
    for (char **e = environ; *e != NULL; e++) {
        CHECK(strncmp(*e, "LD_PRELOAD=", 11) != 0 && strstr(*e, "REPRISE_PRELOAD") == NULL);
        size += strlen(*e) + 1;
    }
    static char copy[1 << 20];
    int fd = open("/proc/self/environ", O_RDONLY);
    CHECK(fd >= 0);
    size_t len = 0;
    for (ssize_t n; (n = read(fd, copy + len, sizeof copy - len)) > 0;)
        len += (size_t)n;
    CHECK(len == size);
    CHECK(len == 0 || memcmp(copy, environ[0], len) == 0);
    fd = open("/proc/self/cmdline", O_RDONLY);
    CHECK(fd >= 0);
    ssize_t n = read(fd, copy, sizeof copy);
    CHECK(n > 0 && strcmp(copy, argv[0]) == 0);
    say("%zu bytes of environment, %016lx, %d arguments, at %p\n", size,
        (long)hash_of(environ[0], size), argc, (void *)environ);
    return 0;
}

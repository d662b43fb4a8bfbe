/* /proc/self/maps, smaps and /proc/PID/maps of a child show the permissions that the program has
 * given, whether its code was executed or not; reads in pieces make the same text: proc(5). */
#include "telling.h"

/* What the file has at the address, "r-xp". */
static void permission_at(const char *file, const void *at, char ret[5], size_t piece)
{
    static char text[1 << 18];
    size_t len = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    for (ssize_t n; (n = read(fd, text + len, piece)) != 0;) {
        CHECK(n > 0 && (size_t)n <= piece && len + piece + (size_t)n < sizeof text);
        len += (size_t)n;
    }
    text[len] = '\0';
    close(fd);
    memcpy(ret, "none", 5);
    for (char *line = text; line != NULL && *line != '\0';) {
        unsigned long start, end;
        char perms[5];
        if (sscanf(line, "%lx-%lx %4s ", &start, &end, perms) == 3 && (uintptr_t)at >= start &&
            (uintptr_t)at < end)
            memcpy(ret, perms, 5);
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
}

static void check_shown(pid_t pid, const void *at, const char *wanted)
{
    static const char *const names[] = {"maps", "smaps"};
    static const size_t pieces[] = {1 << 16, 100, 4096, 1024};
    char name[64], got[5];
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 4; k++) {
            snprintf(name, sizeof name, "/proc/%d/%s", (int)pid, names[i]);
            permission_at(name, at, got, pieces[k]);
            if (strcmp(got, wanted) != 0)
                dprintf(STDERR_FILENO, "%s at %p: %s, not %s\n", name, at, got, wanted);
            CHECK(strcmp(got, wanted) == 0);
        }
    }
}

int main(void)
{
    uint8_t *p = pages(3, PROT_READ | PROT_WRITE);
    memcpy(p, telling_code, sizeof telling_code);
    memcpy(p + PAGE, telling_code, sizeof telling_code);
    check_shown(getpid(), p, "rw-p");
    allow(p, 2, PROT_READ | PROT_EXEC);
    check_shown(getpid(), p, "r-xp");
    check_shown(getpid(), p + 2 * PAGE, "rw-p");
    check_tells(p);
    check_shown(getpid(), p, "r-xp");
    check_shown(getpid(), p + PAGE, "r-xp");
    uint8_t *q = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    check_shown(getpid(), q, "rwxp");
    uint8_t *x = pages(1, PROT_EXEC);
    check_shown(getpid(), x, "--xp");
    int go[2];
    CHECK(pipe(go) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char byte;
        read_all(go[0], &byte, 1);
        check_shown(getppid(), q, "rwxp");
        _exit(0);
    }
    check_shown(child, q, "rwxp");
    check_shown(child, p + PAGE, "r-xp");
    write_all(go[1], "x", 1);
    wait_for_success(child);
    return 0;
}

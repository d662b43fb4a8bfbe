/* Opening a named pipe blocks until the other side opens it too: fifo(7). */
#include "check.h"

int main(void)
{
    char dir[PATH_MAX], line[100] = "";
    scratch_dir(dir);
    CHECK(mkfifo("fifo", 0600) == 0);
    CHECK(open("fifo", O_WRONLY | O_NONBLOCK) == -1 && errno == ENXIO);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        int out = open("fifo", O_WRONLY);
        CHECK(out >= 0);
        dprintf(out, "%d wrote %016lx", (int)getpid(), (long)random_word());
        _exit(0);
    }
    int in = open("fifo", O_RDONLY);
    CHECK(in >= 0);
    ssize_t n, len = 0;
    while ((n = read(in, line + len, sizeof line - 1 - (size_t)len)) > 0)
        len += n;
    say("%s\n", line);
    wait_for_success(child);
    CHECK(unlink("fifo") == 0);
    scratch_dir_remove(dir);
    return 0;
}

/* What a child writes to a terminal that the program opened is the program's input, not its
 * output: pty(7). */
#include "check.h"

#include <sys/ioctl.h>

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        SKIP("no pseudo terminals here");
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        setsid();
        int tty = open(ptsname(master), O_RDWR);
        dup2(tty, 0), dup2(tty, 1), dup2(tty, 2);
        close(tty), close(master);
        execl("/bin/sh", "sh", "-c",
              "tty >/dev/null && echo child $$; stty -echo 2>/dev/null; echo done", (char *)NULL);
        _exit(1);
    }
    char text[4096];
    size_t len = 0;
    for (ssize_t n; (n = read(master, text + len, sizeof text - len)) > 0;)
        len += (size_t)n;
    CHECK(errno == EIO); /* the other side is closed */
    int status = wait_for(child);
    say("%zu bytes came from the terminal, status %d: ", len, status);
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\r')
            write_all(1, &text[i], 1);
    return 0;
}

/* isatty, ttyname and tcgetattr on the standard descriptors, whatever they are, and on a terminal
 * of the program's own: isatty(3). */
#include "check.h"

#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
    for (int fd = 0; fd < 3; fd++) {
        struct termios t;
        struct winsize w = {0};
        struct stat s;
        CHECK(fstat(fd, &s) == 0);
        int tty = isatty(fd);
        CHECK((tcgetattr(fd, &t) == 0) == tty);
        ioctl(fd, TIOCGWINSZ, &w);
        say("%d: terminal %d, mode %o, inode %lu, %d columns, flags %o\n", fd, tty, s.st_mode,
            (long)s.st_ino, w.ws_col, fcntl(fd, F_GETFL));
    }
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        return 0;
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(slave >= 0 && isatty(slave) && isatty(master));
    say("%s\n", ttyname(slave));
    /* Echo and line editing: what is written on one side comes back and arrives on the other. */
    CHECK(write(master, "ab\177c\n", 5) == 5);
    char text[64] = "";
    CHECK(read(slave, text, sizeof text) == 3 && strcmp(text, "ac\n") == 0);
    memset(text, 0, sizeof text);
    ssize_t n = read(master, text, sizeof text);
    say("echo of %zd bytes %016lx\n", n, (long)hash_of(text, sizeof text));
    return 0;
}

/* Terminal commands have old numbers that say nothing about direction and size: TCGETS, TIOCGWINSZ,
 * TIOCGPGRP, FIONREAD; newer ones do: TIOCGPTN, TCGETS2. ioctl_tty(2) */
#include "check.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0)
        SKIP("no pseudo terminals here");
    unsigned number = 0;
    int zero = 0;
    CHECK(ioctl(master, TIOCSPTLCK, &zero) == 0);
    CHECK(ioctl(master, TIOCGPTN, &number) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0)
        SKIP("the other end cannot be opened");
    say("pty %u\n", number);

    struct {
        struct winsize size;
        unsigned char guard[8];
    } w;
    memset(&w, 0xaa, sizeof w);
    CHECK(ioctl(slave, TIOCGWINSZ, &w) == 0 && w.size.ws_row == 0 && w.guard[0] == 0xaa);
    w.size = (struct winsize){.ws_row = 33, .ws_col = 101, .ws_xpixel = (unsigned short)getpid()};
    CHECK(ioctl(master, TIOCSWINSZ, &w.size) == 0);
    memset(&w, 0, sizeof w);
    CHECK(ioctl(slave, TIOCGWINSZ, &w) == 0);
    say("%d rows %d columns %d\n", w.size.ws_row, w.size.ws_col, w.size.ws_xpixel);

    unsigned char termios_bytes[128]; /* the kernel's struct is shorter than that of libc */
    memset(termios_bytes, 0xaa, sizeof termios_bytes);
    CHECK(syscall(SYS_ioctl, slave, TCGETS, termios_bytes) == 0);
    CHECK(termios_bytes[35] != 0xaa && termios_bytes[36] == 0xaa);
    say("termios %016lx\n", (long)hash_of(termios_bytes, sizeof termios_bytes));
    struct termios t;
    CHECK(tcgetattr(slave, &t) == 0);
    cfmakeraw(&t);
    CHECK(tcsetattr(slave, TCSAFLUSH, &t) == 0);
    memset(termios_bytes, 0xaa, sizeof termios_bytes);
    CHECK(ioctl(slave, _IOR('T', 0x2a, unsigned char[44]), termios_bytes) == 0); /* TCGETS2 */
    CHECK(termios_bytes[44] == 0xaa);

    int pending = -1;
    CHECK(write(master, "hello", 5) == 5);
    struct pollfd ready = {slave, POLLIN, 0}; /* what was written arrives a little later */
    CHECK(poll(&ready, 1, 1000) == 1);
    CHECK(ioctl(slave, FIONREAD, &pending) == 0 && pending == 5);
    CHECK(ioctl(slave, TIOCOUTQ, &pending) == 0 && pending == 0);
    CHECK(ioctl(slave, TIOCGPGRP, &pending) == -1 && errno == ENOTTY);
    CHECK(ioctl(slave, 0x5499, &pending) == -1 && errno == ENOTTY);
    return 0;
}

/* setsid, setpgid, getsid, tcsetpgrp and the controlling terminal; writing from the background with
 * TOSTOP stops by SIGTTOU: credentials(7), tcsetpgrp(3). */
#include "check.h"

#include <sys/ioctl.h>
#include <termios.h>

static void background(int tty, pid_t *ret_child)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        setpgid(0, 0);
        dprintf(tty, "from the background\n");
        char byte;
        read(tty, &byte, 1);
        _exit(0);
    }
    setpgid(child, child);
    *ret_child = child;
}

static void session(int master)
{
    CHECK(setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid());
    CHECK(setsid() == -1 && errno == EPERM);
    int tty = open(ptsname(master), O_RDWR);
    CHECK(tty >= 0 && tcgetpgrp(tty) == getpid() && tcgetsid(tty) == getpid());
    struct termios t;
    CHECK(tcgetattr(tty, &t) == 0);
    t.c_lflag |= TOSTOP;
    CHECK(tcsetattr(tty, TCSANOW, &t) == 0);
    pid_t child;
    int status;
    background(tty, &child);
    CHECK(waitpid(child, &status, WUNTRACED) == child && WSTOPSIG(status) == SIGTTOU);
    signal(SIGTTOU, SIG_IGN);
    CHECK(tcsetpgrp(tty, child) == 0 && tcgetpgrp(tty) == child);
    CHECK(kill(child, SIGCONT) == 0);
    char text[100] = "";
    CHECK(read(master, text, sizeof text) > 0);
    CHECK(tcsetpgrp(tty, getpid()) == 0);
    sleep_ms(10);
    CHECK(kill(child, SIGKILL) == 0);
    wait_for(child);
    say("group %d had the terminal: %.19s\n", (int)child, text);
    _exit(0);
}

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        SKIP("no pseudo terminals here");
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        session(master);
    wait_for_success(child);
    return 0;
}

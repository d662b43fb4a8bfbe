/* Ctrl-C, Ctrl-Z and a new window size on a terminal signal its foreground group; hanging up sends
 * SIGHUP: termios(3), tty_ioctl(4). */
#include "check.h"

#include <sys/ioctl.h>

static volatile sig_atomic_t last;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    last = sig;
}

static void session(const char *tty, int ready)
{
    CHECK(setsid() == getpid());
    int fd = open(tty, O_RDWR);
    CHECK(fd >= 0 && tcgetpgrp(fd) == getpid());
    static const int signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGWINCH, SIGHUP};
    sigset_t block, old;
    sigfillset(&block);
    CHECK(sigprocmask(SIG_BLOCK, &block, &old) == 0);
    for (int i = 0; i < 5; i++)
        handle(signals[i], handler, 0);
    for (int i = 0; i < 5; i++) {
        write_all(ready, "x", 1);
        last = 0;
        while (last == 0)
            sigsuspend(&old);
        CHECK(last == signals[i] || (i == 4 && last == SIGCONT));
        struct winsize size;
        if (last == SIGWINCH)
            CHECK(ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row == 50);
    }
    _exit(0);
}

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), ready[2];
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        SKIP("no pseudo terminals here");
    char tty[64];
    snprintf(tty, sizeof tty, "%s", ptsname(master));
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(master);
        session(tty, ready[1]);
    }
    char byte;
    for (int i = 0; i < 5; i++) {
        read_all(ready[0], &byte, 1);
        struct winsize size = {.ws_row = 50, .ws_col = 60};
        if (i < 3)
            CHECK(write(master, i == 0 ? "\003" : i == 1 ? "\034" : "\032", 1) == 1);
        else if (i == 3)
            CHECK(ioctl(master, TIOCSWINSZ, &size) == 0);
        else
            close(master);
    }
    wait_for_success(child);
    say("%s at %ld\n", tty, (long)now_ns());
    return 0;
}

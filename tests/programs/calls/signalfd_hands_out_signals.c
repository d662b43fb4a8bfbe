/* Blocked signals are read as structures of 128 bytes, with sender and value: signalfd(2). */
#include "check.h"

#include <sys/signalfd.h>

int main(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGRTMIN);
    CHECK(sigprocmask(SIG_BLOCK, &mask, NULL) == 0);
    int fd = signalfd(-1, &mask, SFD_CLOEXEC);
    CHECK(fd >= 0);
    for (int i = 0; i < 3; i++)
        CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 100 + i}) == 0);
    CHECK(kill(getpid(), SIGUSR1) == 0);
    struct signalfd_siginfo info[8];
    memset(info, 0xaa, sizeof info);
    CHECK(read(fd, info, sizeof info) == 4 * sizeof *info);
    CHECK(info[0].ssi_signo == SIGUSR1 && info[3].ssi_int == 102 &&
          info[4].ssi_signo == 0xaaaaaaaa);
    for (int i = 0; i < 4; i++)
        say("signal %u from %u, value %d\n", info[i].ssi_signo, info[i].ssi_pid, info[i].ssi_int);

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        _exit(9);
    }
    CHECK(read(fd, info, sizeof info) == sizeof *info);
    CHECK(info[0].ssi_signo == SIGCHLD && info[0].ssi_pid == (unsigned)child &&
          info[0].ssi_status == 9);
    say("child %u ended\n", info[0].ssi_pid);
    wait_for(child);
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    CHECK(read(fd, info, sizeof info) == -1 && errno == EAGAIN);
    return 0;
}

/* pidfd_open, pidfd_send_signal, poll and waitid on one, pidfd_getfd: pidfd_open(2). */
#include "check.h"

#include <poll.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int main(void)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        uint64_t word = random_word();
        int fd = scratch_file();
        CHECK(dup2(fd, 50) == 50);
        write_all(50, &word, sizeof word);
        write_all(fds[1], "x", 1);
        for (;;)
            pause();
    }
    long pidfd = syscall(SYS_pidfd_open, child, 0);
    if (pidfd < 0) {
        kill(child, SIGKILL);
        SKIP("no pidfd_open here");
    }
    char byte;
    read_all(fds[0], &byte, 1);
    long copy = syscall(438 /* pidfd_getfd */, pidfd, 50, 0);
    if (copy >= 0) {
        uint64_t word;
        CHECK(pread((int)copy, &word, sizeof word, 0) == sizeof word);
        say("the child's file holds %016lx\n", (long)word);
    }
    struct pollfd p = {(int)pidfd, POLLIN, 0};
    CHECK(poll(&p, 1, 0) == 0);
    CHECK(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0) == 0);
    CHECK(poll(&p, 1, -1) == 1);
    siginfo_t info;
    CHECK(waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED) == 0);
    CHECK(info.si_pid == child && info.si_code == CLD_KILLED && info.si_status == SIGTERM);
    say("child %d was killed\n", (int)child);
    CHECK(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == -1 && errno == ESRCH);
    return 0;
}

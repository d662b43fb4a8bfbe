/* fcntl(2) commands that take or give integers, structures and pipe sizes. */
#include "check.h"

int main(void)
{
    int fds[2];
    CHECK(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
    CHECK(fcntl(fds[0], F_GETFD) == FD_CLOEXEC && fcntl(fds[0], F_SETFD, 0) == 0);
    CHECK(fcntl(fds[0], F_GETFD) == 0);
    CHECK((fcntl(fds[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_RDONLY | O_NONBLOCK));
    int size = fcntl(fds[1], F_GETPIPE_SZ);
    CHECK(size >= 4096);
    say("pipe of %d bytes, made %d\n", size, fcntl(fds[1], F_SETPIPE_SZ, 10000));

    struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = getpid()};
    CHECK(fcntl(fds[0], F_SETOWN_EX, &owner) == 0);
    owner = (struct f_owner_ex){-1, -1};
    CHECK(fcntl(fds[0], F_GETOWN_EX, &owner) == 0);
    CHECK(owner.type == F_OWNER_PID && owner.pid == getpid());
    say("owned by %d\n", (int)owner.pid);
    CHECK(fcntl(fds[0], F_GETOWN) == getpid());
    CHECK(fcntl(fds[0], F_SETSIG, SIGUSR1) == 0 && fcntl(fds[0], F_GETSIG) == SIGUSR1);

    int high = fcntl(fds[0], F_DUPFD, 200);
    CHECK(high >= 200 && fcntl(high, F_GETFD) == 0);
    CHECK(fcntl(high, 9999) == -1 && errno == EINVAL);
    CHECK(fcntl(9999, F_GETFD) == -1 && errno == EBADF);

    int fd = scratch_file();
    uint64_t hint = 77;
#ifndef F_GET_RW_HINT
#define F_GET_RW_HINT 1035
#endif
    if (fcntl(fd, F_GET_RW_HINT, &hint) == 0)
        say("hint %lu\n", (long)hint);
    int seals = fcntl(fd, F_GET_SEALS);
    say("seals %d\n", seals);
    return 0;
}

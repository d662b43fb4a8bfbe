/* stdout is replaced by a pipe that does not block: writes return less than asked, then EAGAIN; a
 * child copies what arrives to the real stdout. */
#include "check.h"

#include <poll.h>

int main(void)
{
    int fds[2], real = dup(1);
    CHECK(real >= 0 && pipe2(fds, O_CLOEXEC) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(fds[1]), close(1);
        char buffer[10000];
        for (ssize_t n; (n = read(fds[0], buffer, sizeof buffer)) > 0;)
            write_all(real, buffer, (size_t)n);
        _exit(0);
    }
    CHECK(dup2(fds[1], 1) == 1 && close(fds[1]) == 0 && close(fds[0]) == 0);
    CHECK(fcntl(1, F_SETFL, O_NONBLOCK) == 0);
    static char block[300000];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)("0123456789abcdef\n"[i % 17]);
    size_t done = 0;
    int partial = 0, full = 0;
    while (done < sizeof block) {
        ssize_t n = write(1, block + done, sizeof block - done);
        if (n < 0) {
            CHECK(errno == EAGAIN);
            full++;
            struct pollfd p = {1, POLLOUT, 0};
            CHECK(poll(&p, 1, -1) == 1);
            continue;
        }
        partial += (size_t)n < sizeof block - done;
        done += (size_t)n;
    }
    close(1);
    wait_for_success(child);
    dprintf(2, "%d partial writes, %d times full, %d\n", partial, full, (int)getpid());
    CHECK(partial > 0);
    return 0;
}

/* poll(2) writes each revents and nothing else, also for negative descriptors and closed ones; the
 * system call ppoll writes the time left. */
#include "check.h"

#include <poll.h>

int main(void)
{
    int p[2], q[2];
    CHECK(pipe(p) == 0 && pipe(q) == 0);
    uint64_t word = random_word();
    write_all(p[1], &word, sizeof word);
    close(q[1]);
    struct pollfd fds[5] = {
        {p[0], POLLIN, -1}, {p[1], POLLOUT, -1}, {-7, POLLIN, -1},
        {999, POLLIN, -1},  {q[0], POLLIN, -1},
    };
    CHECK(poll(fds, 5, -1) == 4);
    CHECK(fds[0].revents == POLLIN && fds[1].revents == POLLOUT && fds[2].revents == 0 &&
          fds[3].revents == POLLNVAL && fds[4].revents == POLLHUP);
    CHECK(fds[2].fd == -7);

    read_all(p[0], &word, sizeof word);
    int64_t start = now_ns();
    CHECK(poll(fds, 1, 20) == 0 && fds[0].revents == 0);
    say("poll of %016lx waited %ld ns\n", (long)word, (long)(now_ns() - start));

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        write_all(p[1], &word, sizeof word);
        _exit(0);
    }
    struct timespec left = {9, 0};
    CHECK(syscall(SYS_ppoll, fds, 1, &left, NULL, 0) == 1);
    CHECK(fds[0].revents == POLLIN && left.tv_sec == 8);
    say("left of ppoll: %ld.%09ld\n", (long)left.tv_sec, left.tv_nsec);
    wait_for_success(child);
    return 0;
}

/* A read interrupted by SIGSTOP and SIGCONT goes on without EINTR; epoll_wait and sigtimedwait
 * return EINTR even though no handler ran: signal(7), "stop signals". */
#include "check.h"

#include <sys/epoll.h>

int main(void)
{
    int fds[2], status;
    CHECK(pipe(fds) == 0);
    for (int round = 0; round < 2; round++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            uint64_t word;
            if (round == 0) {
                CHECK(read(fds[0], &word, sizeof word) == sizeof word);
                say("child read %016lx\n", (long)word);
            } else {
                struct epoll_event e;
                int ep = epoll_create1(0);
                int r = epoll_wait(ep, &e, 1, 200);
                CHECK(r == 0 || (r == -1 && errno == EINTR));
                say("epoll_wait returned %d\n", r);
            }
            _exit(0);
        }
        sleep_ms(30);
        CHECK(kill(child, SIGSTOP) == 0);
        CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
        CHECK(kill(child, SIGCONT) == 0);
        sleep_ms(20);
        uint64_t word = random_word();
        if (round == 0)
            write_all(fds[1], &word, sizeof word);
        wait_for_success(child);
    }
    return 0;
}

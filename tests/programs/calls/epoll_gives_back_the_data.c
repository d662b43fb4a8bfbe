/* The 64 bits of data given to epoll_ctl come back from epoll_wait; only as many events are
 * written as returned; struct epoll_event is packed: epoll_ctl(2), epoll_wait(2). */
#include "check.h"

#include <sys/epoll.h>

int main(void)
{
    int ep = epoll_create1(EPOLL_CLOEXEC), p[3][2];
    CHECK(ep >= 0);
    uint64_t data[3];
    for (int i = 0; i < 3; i++) {
        CHECK(pipe(p[i]) == 0);
        data[i] = random_word();
        struct epoll_event e = {.events = EPOLLIN | (i == 1 ? EPOLLET : 0), .data.u64 = data[i]};
        CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, p[i][0], &e) == 0);
    }
    struct epoll_event got[8];
    memset(got, 0xaa, sizeof got);
    CHECK(epoll_wait(ep, got, 8, 5) == 0 && got[0].events == 0xaaaaaaaa);
    write_all(p[1][1], "x", 1);
    write_all(p[2][1], "x", 1);
    CHECK(epoll_wait(ep, got, 8, -1) == 2);
    CHECK(got[0].data.u64 == data[1] && got[1].data.u64 == data[2] && got[2].events == 0xaaaaaaaa);
    say("%016lx %016lx\n", (long)got[0].data.u64, (long)got[1].data.u64);
    /* Edge triggered: the first is not reported again. */
    CHECK(epoll_wait(ep, got, 8, -1) == 1 && got[0].data.u64 == data[2]);
    struct epoll_event change = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = ~data[2]};
    CHECK(epoll_ctl(ep, EPOLL_CTL_MOD, p[2][0], &change) == 0);
    CHECK(epoll_wait(ep, got, 1, -1) == 1 && got[0].data.u64 == ~data[2]);
    CHECK(epoll_wait(ep, got, 1, 0) == 0);
    close(p[0][1]);
    CHECK(epoll_wait(ep, got, 8, -1) == 1 && got[0].events == EPOLLHUP);
    say("hung up: %016lx\n", (long)got[0].data.u64);
    CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, 999, &change) == -1 && errno == EBADF);
#ifdef SYS_epoll_pwait2
    struct timespec brief = {0, 1000000};
    CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, p[0][0], NULL) == 0);
    long n = syscall(SYS_epoll_pwait2, ep, got, 8, &brief, NULL, 8);
    CHECK(n == 0 || (n == -1 && errno == ENOSYS));
#endif
    return 0;
}

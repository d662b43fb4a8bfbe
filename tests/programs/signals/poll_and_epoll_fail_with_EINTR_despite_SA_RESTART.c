/* poll, select, epoll_wait, nanosleep, semop, sigtimedwait and timeouts of sockets are never
 * restarted after a handler: signal(7), "Interruption of system calls". */
#include "check.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    ticks++;
}

static void alarm_soon(void)
{
    /* Again and again, in case that the first comes before the call has begun. */
    struct itimerval timer = {.it_value = {0, 15000}, .it_interval = {0, 15000}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

int main(void)
{
    handle(SIGALRM, tick, SA_RESTART);
    int fds[2], ep = epoll_create1(0);
    CHECK(pipe(fds) == 0 && ep >= 0);

    struct pollfd p = {fds[0], POLLIN, 77};
    alarm_soon();
    CHECK(poll(&p, 1, 5000) == -1 && errno == EINTR);
    say("revents %d\n", p.revents);

    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    struct timeval left = {5, 0};
    alarm_soon();
    CHECK(select(fds[0] + 1, &set, NULL, NULL, &left) == -1 && errno == EINTR);
    CHECK(FD_ISSET(fds[0], &set));
    say("left of select: %ld.%06ld\n", (long)left.tv_sec, (long)left.tv_usec);

    struct epoll_event e;
    alarm_soon();
    CHECK(epoll_wait(ep, &e, 1, 5000) == -1 && errno == EINTR);

    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    struct timeval timeout = {5, 0};
    CHECK(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0);
    alarm_soon();
    char byte;
    CHECK(recv(pair[0], &byte, 1, 0) == -1 && errno == EINTR);

    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    struct timespec five = {5, 0};
    alarm_soon();
    CHECK(sigtimedwait(&usr1, NULL, &five) == -1 && errno == EINTR);
    CHECK(ticks >= 5);
    say("%d handlers by %ld\n", (int)ticks, (long)now_ns());
    return 0;
}

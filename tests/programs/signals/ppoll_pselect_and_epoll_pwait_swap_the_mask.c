/* These calls let a blocked signal through while they wait, and only then; the handler sees the
 * temporary mask, the program the old one: ppoll(2), pselect(2), epoll_pwait(2). */
#include "check.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks, usr2_was_blocked;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    usr2_was_blocked = sigismember(&now, SIGUSR2);
    ticks++;
}

static void alarm_soon(void)
{
    struct itimerval timer = {.it_value = {0, 10000}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void after(const char *what, int expected)
{
    sigset_t now;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0);
    CHECK(sigismember(&now, SIGALRM) && !sigismember(&now, SIGUSR2));
    CHECK(ticks == expected && usr2_was_blocked == 1);
    say("%s returned at %ld\n", what, (long)now_ns());
}

int main(void)
{
    handle(SIGALRM, tick, 0);
    sigset_t block, during;
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    CHECK(sigprocmask(SIG_BLOCK, &block, NULL) == 0);
    sigemptyset(&during);
    sigaddset(&during, SIGUSR2);

    struct timespec five = {5, 0};
    alarm_soon();
    CHECK(ppoll(NULL, 0, &five, &during) == -1 && errno == EINTR);
    after("ppoll", 1);
    alarm_soon();
    CHECK(pselect(0, NULL, NULL, NULL, &five, &during) == -1 && errno == EINTR);
    after("pselect", 2);
    struct epoll_event e;
    int ep = epoll_create1(0);
    alarm_soon();
    CHECK(epoll_pwait(ep, &e, 1, 5000, &during) == -1 && errno == EINTR);
    after("epoll_pwait", 3);

    /* One that is ready returns its result although the signal waits, or EINTR; never both. */
    raise(SIGALRM);
    int fds[2];
    CHECK(pipe(fds) == 0 && write(fds[1], "x", 1) == 1);
    struct pollfd p = {fds[0], POLLIN, 0};
    int r = ppoll(&p, 1, &five, &during);
    CHECK((r == 1 && p.revents == POLLIN) || (r == -1 && errno == EINTR));
    say("ready and pending: %d, %d ticks\n", r, (int)ticks);
    return 0;
}

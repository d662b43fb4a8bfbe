/* A parent stops and continues a process of many threads, some of which wait in calls, some of
 * which compute: SIGSTOP, SIGCONT, waitpid(2) with WUNTRACED. */
#include "threads.h"

#include <poll.h>

enum { ROUNDS = 12 };

static int fds[2];
static volatile bool stop;
static uint64_t calls, sum;
static volatile int continued;

static void on_continue(int sig)
{
    (void)sig;
    continued++;
}

static void *call(void *arg)
{
    while (!stop) {
        calls++;
        sum += work(calls);
        getppid();
    }
    return arg;
}

static void *wait_for_byte(void *arg)
{
    char c;
    CHECK(read(fds[0], &c, 1) == 1);
    return arg;
}

static void *sleep_often(void *arg)
{
    while (!stop)
        sleep_ms(2);
    return arg;
}

static void *poll_often(void *arg)
{
    while (!stop) {
        struct pollfd p = {.fd = -1};
        int n = poll(&p, 1, 3);
        CHECK(n == 0 || (n < 0 && errno == EINTR));
    }
    return arg;
}

static void child(void)
{
    CHECK(signal(SIGCONT, on_continue) != SIG_ERR);
    CHECK(pipe(fds) == 0);
    pthread_t t[4] = {start(call, NULL), start(wait_for_byte, NULL), start(sleep_often, NULL),
                      start(poll_often, NULL)};
    while (continued < ROUNDS)
        pause();
    stop = true;
    write_all(fds[1], "x", 1);
    join_all(t, 4);
    say("%d times continued, %lu calls, %016lx\n", continued, (long)calls, (long)sum);
    _exit(0);
}

int main(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        child();
    int status;
    for (int i = 0; i < ROUNDS; i++) {
        sleep_ms(6);
        CHECK(kill(pid, SIGSTOP) == 0);
        CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
        CHECK(kill(pid, SIGCONT) == 0);
        CHECK(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
    }
    /* a SIGCONT that came before the handler was there is made up for */
    while (waitpid(pid, &status, WNOHANG) == 0) {
        kill(pid, SIGCONT);
        sleep_ms(5);
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return 0;
}

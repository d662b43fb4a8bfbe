/* epoll_wait and reads of pipes and sockets, of which some have to wait and some do not, between
 * processes and threads. */
#include "check.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static int pair[2], ep;

static void *answer(void *arg)
{
    char text[16];
    (void)arg;
    for (int i = 0; i < 300; i++) {
        struct epoll_event event;
        CHECK(epoll_wait(ep, &event, 1, -1) == 1 && event.data.u32 == 7);
        ssize_t n = recv(pair[1], text, sizeof text, 0);
        CHECK(n > 0 && send(pair[1], text, (size_t)n, MSG_NOSIGNAL) == n);
    }
    return NULL;
}

static long ask(void)
{
    long sum = 0;
    for (int i = 0; i < 300; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "%d", i * 7);
        CHECK(write(pair[0], text, (size_t)n) == n);
        CHECK(read(pair[0], text, sizeof text) == n);
        text[n] = '\0';
        sum += atol(text);
    }
    return sum;
}

int main(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = 7}};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    ep = epoll_create1(0);
    CHECK(ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, pair[1], &event) == 0);
    for (int i = 0; i < 5; i++)
        CHECK(epoll_wait(ep, &event, 1, 0) == 0 && epoll_wait(ep, &event, 1, 2) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        answer(NULL);
        _exit(0);
    }
    say("by a process: %ld\n", ask());
    CHECK(waitpid(pid, NULL, 0) == pid);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, answer, NULL) == 0);
    say("by a thread: %ld\n", ask());
    CHECK(pthread_join(thread, NULL) == 0);
    return 0;
}

/* A server and a client over loopback: connect, accept, send, shutdown, out-of-band data, errors
 * of a closed port: tcp(7), udp(7). */
#include "check.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static int listen_somewhere(struct sockaddr_in *a)
{
    socklen_t len = sizeof *a;
    *a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)a, len) == 0 && listen(fd, 1) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)a, &len) == 0);
    return fd;
}

static void serve(int listener)
{
    int c = accept(listener, NULL, NULL);
    CHECK(c >= 0);
    char line[100];
    ssize_t n;
    uint64_t hash = 0;
    while ((n = recv(c, line, sizeof line, 0)) > 0)
        hash += hash_of(line, (size_t)n) * (uint64_t)n;
    CHECK(n == 0);
    dprintf(c, "%d says: %016lx", (int)getpid(), (long)hash);
    _exit(0);
}

int main(void)
{
    struct sockaddr_in a;
    int listener = listen_somewhere(&a);
    pid_t server = fork();
    CHECK(server >= 0);
    if (server == 0)
        serve(listener);
    close(listener);
    int c = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(c >= 0 && connect(c, (struct sockaddr *)&a, sizeof a) == 0);
    for (int i = 0; i < 10; i++)
        CHECK(dprintf(c, "%016lx\n", (long)random_word()) == 17);
    CHECK(shutdown(c, SHUT_WR) == 0);
    char answer[100] = "";
    CHECK(recv(c, answer, sizeof answer - 1, MSG_WAITALL) > 0);
    say("port %d: %s\n", ntohs(a.sin_port), answer);
    wait_for_success(server);

    /* Nobody listens there any more. */
    int late = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = -1;
    socklen_t len = sizeof error;
    int r = connect(late, (struct sockaddr *)&a, sizeof a);
    CHECK(r == -1 && (errno == EINPROGRESS || errno == ECONNREFUSED));
    if (errno == EINPROGRESS) {
        struct pollfd p = {late, POLLOUT, 0};
        CHECK(poll(&p, 1, 1000) == 1);
        CHECK(getsockopt(late, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == ECONNREFUSED);
    }
    say("connection refused\n");
    return 0;
}

/* An option is cut to the length given; in a longer buffer only its own size is written, and the
 * length says how much: getsockopt(2). */
#include "check.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

static void get(int fd, int level, int option, socklen_t given, socklen_t expected)
{
    unsigned char buffer[1024];
    memset(buffer, 0xaa, sizeof buffer);
    socklen_t len = given;
    CHECK(getsockopt(fd, level, option, buffer, &len) == 0);
    CHECK(len <= given && (expected == 0 || len == expected));
    for (size_t i = len; i < sizeof buffer; i++)
        CHECK(buffer[i] == 0xaa);
    say("level %d option %d: %u of %u bytes, %016lx\n", level, option, len, given,
        (long)hash_of(buffer, len));
}

int main(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    get(fd, SOL_SOCKET, SO_TYPE, 4, 4);
    get(fd, SOL_SOCKET, SO_TYPE, 2, 2);
    get(fd, SOL_SOCKET, SO_TYPE, 1, 1);
    get(fd, SOL_SOCKET, SO_TYPE, 100, 4);
    get(fd, SOL_SOCKET, SO_LINGER, 100, sizeof(struct linger));
    get(fd, SOL_SOCKET, SO_LINGER, 3, 3);
    get(fd, SOL_SOCKET, SO_RCVTIMEO, 100, sizeof(struct timeval));
    get(fd, SOL_SOCKET, SO_SNDBUF, 4, 4);
    get(fd, IPPROTO_TCP, TCP_NODELAY, 4, 4);
    get(fd, IPPROTO_TCP, TCP_INFO, 8, 8);
    get(fd, IPPROTO_TCP, TCP_INFO, 1000, 0);
    get(fd, IPPROTO_TCP, TCP_CONGESTION, 100, 0);
    get(fd, IPPROTO_IP, IP_TTL, 1, 1);
    get(fd, IPPROTO_IP, IP_TTL, 4, 4);

    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    get(pair[0], SOL_SOCKET, SO_PEERCRED, 100, sizeof(struct ucred));
    get(pair[0], SOL_SOCKET, SO_PEERCRED, 5, 5);
    socklen_t len = (socklen_t)-1;
    int value;
    CHECK(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len) == -1 && errno == EINVAL);
    return 0;
}

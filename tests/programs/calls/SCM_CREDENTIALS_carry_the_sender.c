/* With SO_PASSCRED each message comes with the sender's pid, uid and gid; with SO_TIMESTAMPNS
 * with the time of its arrival: unix(7), socket(7). */
#include "check.h"

#include <netinet/in.h>
#include <sys/socket.h>

static void receive(int fd)
{
    union {
        char bytes[256];
        struct cmsghdr align;
    } control;
    memset(&control, 0xaa, sizeof control);
    char data[16];
    struct iovec iov = {data, sizeof data};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof control.bytes};
    CHECK(recvmsg(fd, &msg, 0) == 5 && memcmp(data, "hello", 5) == 0);
    int seen = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c)) {
        struct ucred cred;
        struct timespec t;
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&cred, CMSG_DATA(c), sizeof cred);
            say("from pid %d uid %d gid %d\n", (int)cred.pid, (int)cred.uid, (int)cred.gid);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            memcpy(&t, CMSG_DATA(c), sizeof t);
            say("arrived at %ld.%09ld\n", (long)t.tv_sec, t.tv_nsec);
        } else {
            CHECK(!"a control message that nobody asked for");
        }
        seen++;
    }
    CHECK(seen == 1);
}

int main(void)
{
    int pair[2], one = 1;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(send(pair[1], "hello", 5, 0) == 5);
        _exit(0);
    }
    receive(pair[0]);
    wait_for_success(child);

    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(udp >= 0 && bind(udp, (struct sockaddr *)&a, sizeof a) == 0);
    CHECK(getsockname(udp, (struct sockaddr *)&a, &len) == 0);
    CHECK(setsockopt(udp, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one) == 0);
    CHECK(sendto(udp, "hello", 5, 0, (struct sockaddr *)&a, sizeof a) == 5);
    receive(udp);
    return 0;
}

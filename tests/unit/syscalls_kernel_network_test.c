/* Sockets against the kernel that runs. */
#include "syscalls_probe.h"

#include <arpa/inet.h>
#include <asm/unistd_64.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define OPTION(p, fd, level, name, len)                                                            \
    call((p), __NR_getsockopt, (fd), (level), (name), place((p), 4096),                            \
         PLACE((p), *(uint32_t[]){len}))

static struct sockaddr_in loopback(void)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A listening socket and a connection to it. */
static void connected(int *ret_listener, int *ret_client)
{
    struct sockaddr_in a = loopback();
    socklen_t len = sizeof(a);

    *ret_listener = socket(AF_INET, SOCK_STREAM, 0);
    *ret_client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*ret_listener, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(*ret_listener, 5), 0);
    assert_int_equal(getsockname(*ret_listener, (struct sockaddr *)&a, &len), 0);
    assert_int_equal(connect(*ret_client, (struct sockaddr *)&a, sizeof(a)), 0);
}

static void addresses(struct probe *p)
{
    uint32_t roomy = 100, tight = 5, none = 0, negative = 0x80000000;
    int listener, client, server;

    connected(&listener, &client);
    call(p, __NR_getsockname, client, place(p, 100), PLACE(p, roomy));
    call(p, __NR_getsockname, client, place(p, 100), PLACE(p, tight));
    call(p, __NR_getsockname, client, place(p, 100), PLACE(p, none));
    call(p, __NR_getsockname, client, place(p, 100), PLACE(p, negative));
    call(p, __NR_getsockname, client, place_at_the_end(p, 3), PLACE(p, roomy));
    call(p, __NR_getsockname, client, place(p, 100), place_at_the_end(p, 2));
    call(p, __NR_getpeername, client, place(p, 100), PLACE(p, roomy));
    call(p, __NR_getpeername, listener, place(p, 100), PLACE(p, roomy));
    server = (int)call(p, __NR_accept, listener, place(p, 100), PLACE(p, roomy));
    assert_true(server >= 0);
    close(server);
    close(client);
    client = socket(AF_INET, SOCK_STREAM, 0);
    call(p, __NR_accept4, listener, place(p, 100), PLACE(p, roomy), 0x5555);
    close(client);
    close(listener);
    connected(&listener, &client);
    server = (int)call(p, __NR_accept4, listener, place(p, 100), PLACE(p, tight), SOCK_CLOEXEC);
    assert_true(server >= 0);
    close(server);
    close(client);
    close(listener);
}

static void pairs(struct probe *p)
{
    int *sv = place(p, 8);

    call_exactly(p, 0, __NR_socketpair, AF_UNIX, SOCK_STREAM, 0, sv);
    close(sv[0]);
    close(sv[1]);
    /* Refused after the numbers were written. */
    assert_int_equal(call(p, __NR_socketpair, AF_INET, SOCK_STREAM, 0, place(p, 8)), -EOPNOTSUPP);
    call(p, __NR_socketpair, 999, SOCK_STREAM, 0, place(p, 8));
}

static void receiving(struct probe *p)
{
    struct sockaddr_in a = loopback();
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), i;
    uint32_t roomy = 100;

    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    for (i = 0; i < 6; i++)
        call(p, __NR_sendto, fd, place_string(p, "0123456789"), 10, 0, PLACE(p, a), sizeof(a));
    call(p, __NR_recvfrom, fd, place(p, 100), 100, 0, place(p, 100), PLACE(p, roomy));
    call_exactly(p, 0, __NR_recvfrom, fd, place(p, 100), 100, 0, 0, 0);
    assert_int_equal(call(p, __NR_recvfrom, fd, place(p, 100), 3, MSG_TRUNC, 0, 0), 10);
    call(p, __NR_recvfrom, fd, place(p, 100), 100, MSG_PEEK, place(p, 100), PLACE(p, roomy));
    call(p, __NR_recvfrom, fd, place_at_the_end(p, 4), 100, 0, place(p, 100), PLACE(p, roomy));
    call(p, __NR_recvfrom, fd, place(p, 100), 100, 0, place_at_the_end(p, 4), PLACE(p, roomy));
    call(p, __NR_recvfrom, fd, place(p, 100), 100, MSG_DONTWAIT, place(p, 100), PLACE(p, roomy));
    call(p, __NR_recvfrom, fd, place(p, 100), 100, MSG_DONTWAIT, place(p, 100), PLACE(p, roomy));
    close(fd);
}

static struct msghdr *message(struct probe *p, size_t control)
{
    struct iovec *v = place(p, 2 * sizeof(*v));
    struct msghdr *h = place(p, sizeof(*h));

    v[0] = (struct iovec){place(p, 7), 7};
    v[1] = (struct iovec){place(p, 500), 500};
    *h = (struct msghdr){
        .msg_name = place(p, 128), .msg_namelen = 128, .msg_iov = v, .msg_iovlen = 2};
    if (control) {
        h->msg_control = place(p, control);
        h->msg_controllen = control;
    }
    return h;
}

/* Sends 10 bytes and two descriptors. */
static void send_descriptors(struct probe *p, int fd)
{
    struct {
        uint64_t len;
        int level, type, fds[2];
    } control = {CMSG_LEN(8), SOL_SOCKET, SCM_RIGHTS, {0, 1}};
    struct iovec v = {place_string(p, "0123456789"), 10};
    struct msghdr h = {.msg_iov = PLACE(p, v), .msg_iovlen = 1};

    h.msg_control = place_copy(p, &control, sizeof(control));
    h.msg_controllen = CMSG_SPACE(8);
    assert_int_equal(call(p, __NR_sendmsg, fd, PLACE(p, h), 0), 10);
}

static void messages(struct probe *p)
{
    int sv[2], one = 1;
    struct msghdr *h;

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv), 0);
    assert_int_equal(setsockopt(sv[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)), 0);
    send_descriptors(p, sv[1]);
    assert_int_equal(call(p, __NR_recvmsg, sv[0], message(p, 200), 0), 10);
    send_descriptors(p, sv[1]);
    assert_int_equal(call(p, __NR_recvmsg, sv[0], message(p, 0), 0), 10);
    send_descriptors(p, sv[1]);
    h = message(p, 20); /* not even the first control message fits */
    assert_int_equal(call(p, __NR_recvmsg, sv[0], h, MSG_CMSG_CLOEXEC), 10);
    assert_true(h->msg_flags & MSG_CTRUNC);
    send_descriptors(p, sv[1]);
    h = message(p, 200);
    h->msg_control = place_at_the_end(p, 30);
    call(p, __NR_recvmsg, sv[0], h, 0);
    send_descriptors(p, sv[1]);
    h = message(p, 200);
    h->msg_iov[1].iov_base = place_at_the_end(p, 1);
    call(p, __NR_recvmsg, sv[0], h, 0);
    call(p, __NR_recvmsg, sv[0], message(p, 200), MSG_DONTWAIT);
    h = message(p, 200);
    h->msg_iovlen = 2000;
    call(p, __NR_recvmsg, sv[0], h, MSG_DONTWAIT);
    close(sv[0]);
    close(sv[1]);
}

static void timestamps_and_names(struct probe *p)
{
    struct sockaddr_in a = loopback();
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;

    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
    setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
    sendto(fd, "0123456789", 10, 0, (struct sockaddr *)&a, sizeof(a));
    assert_int_equal(call(p, __NR_recvmsg, fd, message(p, 200), 0), 10);
    /* Nobody listens there: the error comes back as a message. */
    a.sin_port = htons(1);
    sendto(fd, "0123456789", 10, 0, (struct sockaddr *)&a, sizeof(a));
    call(p, __NR_recvmsg, fd, message(p, 300), MSG_ERRQUEUE);
    close(fd);
}

static void many_messages(struct probe *p)
{
    struct mmsghdr *v = place(p, 4 * sizeof(*v)), *out = place(p, 3 * sizeof(*out));
    struct timespec second = {1, 0};
    int sv[2], i;

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv), 0);
    for (i = 0; i < 4; i++)
        v[i].msg_hdr = *message(p, 100);
    for (i = 0; i < 3; i++) {
        struct iovec data = {place_string(p, "0123456789"), 10};

        out[i].msg_hdr = (struct msghdr){.msg_iov = PLACE(p, data), .msg_iovlen = 1};
    }
    assert_int_equal(call_exactly(p, 0, __NR_sendmmsg, sv[1], out, 3, 0), 3);
    assert_int_equal(call(p, __NR_recvmmsg, sv[0], v, 4, MSG_DONTWAIT, PLACE(p, second)), 3);
    assert_int_equal(v[2].msg_len, 10);
    call(p, __NR_recvmmsg, sv[0], v, 4, MSG_DONTWAIT, 0);
    close(sv[0]);
    close(sv[1]);
}

static void options(struct probe *p)
{
    int listener, client, pair[2];
    struct sock_filter pass[] = {{0x06, 0, 0, 0xffff}, {0x06, 0, 0, 0xffff}};
    struct sock_fprog program = {2, pass};

    connected(&listener, &client);
    call_exactly(p, 4, __NR_getsockopt, client, SOL_SOCKET, SO_TYPE, place(p, 8),
                 PLACE(p, *(uint32_t[]){4}));
    OPTION(p, client, SOL_SOCKET, SO_ERROR, 4);
    OPTION(p, client, SOL_SOCKET, SO_LINGER, 8);
    OPTION(p, client, SOL_SOCKET, SO_RCVTIMEO, 16);
    OPTION(p, client, SOL_SOCKET, SO_RCVBUF, 2);
    OPTION(p, client, SOL_SOCKET, SO_RCVBUF, 0);
    OPTION(p, client, SOL_SOCKET, SO_RCVBUF, 0xffffffff);
    OPTION(p, client, SOL_SOCKET, SO_BINDTODEVICE, 64);
    OPTION(p, client, SOL_SOCKET, SO_MEMINFO, 64);
    OPTION(p, client, SOL_SOCKET, SO_COOKIE, 8);
    OPTION(p, client, IPPROTO_TCP, TCP_INFO, 1000);
    OPTION(p, client, IPPROTO_TCP, TCP_INFO, 50);
    OPTION(p, client, IPPROTO_TCP, TCP_CONGESTION, 64);
    OPTION(p, client, IPPROTO_TCP, TCP_NODELAY, 4);
    OPTION(p, client, IPPROTO_TCP, 9999, 4);
    OPTION(p, client, IPPROTO_IP, IP_TTL, 4);
    OPTION(p, client, IPPROTO_IP, IP_OPTIONS, 40);
    OPTION(p, client, IPPROTO_IP, IP_PKTOPTIONS, 400);
    OPTION(p, client, 12345, 1, 4);
    call(p, __NR_getsockopt, client, SOL_SOCKET, SO_TYPE, place_at_the_end(p, 2),
         PLACE(p, *(uint32_t[]){4}));
    call(p, __NR_getsockopt, client, SOL_SOCKET, SO_TYPE, place(p, 8), place_at_the_end(p, 2));

    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)),
                     0);
    assert_int_equal(OPTION(p, client, SOL_SOCKET, SO_ATTACH_FILTER, 0), 0);
    OPTION(p, client, SOL_SOCKET, SO_ATTACH_FILTER, 2); /* counted in instructions */
    OPTION(p, client, SOL_SOCKET, SO_ATTACH_FILTER, 1);

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    OPTION(p, pair[0], SOL_SOCKET, SO_PEERCRED, 12);
    OPTION(p, pair[0], SOL_SOCKET, SO_PEERSEC, 100);
    OPTION(p, pair[0], SOL_SOCKET, SO_PEERSEC, 1);
    OPTION(p, pair[0], SOL_SOCKET, SO_PEERGROUPS, 400);
    OPTION(p, pair[0], SOL_SOCKET, SO_PEERGROUPS, 0);
    call(p, __NR_setsockopt, client, SOL_SOCKET, SO_RCVBUF, PLACE(p, *(int[]){4096}), 4);
    close(pair[0]);
    close(pair[1]);
    close(client);
    close(listener);
}

static void netlink(struct probe *p)
{
    int fd = socket(AF_NETLINK, SOCK_RAW, 0);
    struct {
        uint32_t len;
        uint16_t type, flags;
        uint32_t seq, pid;
        uint8_t family, pad[3];
    } question = {20, 18 /* RTM_GETLINK */, 0x301, 1, 0, 0, {0}};
    struct sockaddr_un u = {.sun_family = AF_NETLINK};

    call(p, __NR_bind, fd, PLACE(p, u), 12);
    call(p, __NR_sendto, fd, PLACE(p, question), 20, 0, 0, 0);
    call(p, __NR_recvmsg, fd, message(p, 100), MSG_PEEK | MSG_TRUNC);
    call(p, __NR_recvmsg, fd, message(p, 100), 0);
    OPTION(p, fd, 270, 9, 64);
    OPTION(p, fd, 270, 9, 3);
    close(fd);
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        probe_run(name);                                                                           \
    }
TEST(addresses)
TEST(pairs)
TEST(receiving)
TEST(messages)
TEST(timestamps_and_names)
TEST(many_messages)
TEST(options)
TEST(netlink)

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"addresses_are_told_as_far_as_they_fit", test_addresses, NULL, NULL, NULL},
        {"a_pair_is_told_also_when_it_is_refused", test_pairs, NULL, NULL, NULL},
        {"datagrams_are_told_as_far_as_they_fit", test_receiving, NULL, NULL, NULL},
        {"messages_with_descriptors_are_told", test_messages, NULL, NULL, NULL},
        {"control_data_and_errors_are_told", test_timestamps_and_names, NULL, NULL, NULL},
        {"many_messages_at_once_are_told", test_many_messages, NULL, NULL, NULL},
        {"options_are_told_also_their_length_after_a_failure", test_options, NULL, NULL, NULL},
        {"netlink_is_told", test_netlink, NULL, NULL, NULL},
    };
    int failed = cmocka_run_group_tests_name("syscalls_kernel_network", tests, NULL, NULL);

    print_message("%u calls checked\n", probe_calls());
    return failed;
}

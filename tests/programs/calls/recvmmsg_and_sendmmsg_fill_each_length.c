/* Several messages in one call: each msg_len is written, in the messages that were handled and no
 * others: recvmmsg(2), sendmmsg(2). */
#include "check.h"

#include <sys/socket.h>

enum { COUNT = 5 };

int main(void)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    unsigned char out[COUNT][64], in[COUNT + 2][64];
    struct mmsghdr send[COUNT] = {0}, recv[COUNT + 2] = {0};
    struct iovec send_iov[COUNT], recv_iov[COUNT + 2];
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < 64; k += 8)
            memcpy(out[i] + k, &(uint64_t){random_word()}, 8);
        send_iov[i] = (struct iovec){out[i], (size_t)(10 + i)};
        send[i].msg_hdr.msg_iov = &send_iov[i];
        send[i].msg_hdr.msg_iovlen = 1;
        send[i].msg_len = 0xdead;
    }
    for (int i = 0; i < COUNT + 2; i++) {
        memset(in[i], 0xaa, 64);
        recv_iov[i] = (struct iovec){in[i], 64};
        recv[i].msg_hdr.msg_iov = &recv_iov[i];
        recv[i].msg_hdr.msg_iovlen = 1;
        recv[i].msg_len = 0xdead;
    }
    CHECK(sendmmsg(pair[0], send, COUNT, 0) == COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK(send[i].msg_len == (unsigned)(10 + i));

    struct timespec timeout = {5, 0};
    CHECK(recvmmsg(pair[1], recv, COUNT + 2, MSG_WAITFORONE, &timeout) == COUNT);
    for (int i = 0; i < COUNT + 2; i++) {
        unsigned expected = i < COUNT ? (unsigned)(10 + i) : 0xdead;
        CHECK(recv[i].msg_len == expected);
        size_t filled = i < COUNT ? expected : 0;
        CHECK(memcmp(in[i], out[i % COUNT], filled) == 0 && in[i][filled] == 0xaa);
        say("message %d: %016lx\n", i, (long)hash_of(in[i], 64));
    }
    /* The timeout is looked at only after a message has come, and what is left is written. */
    CHECK(timeout.tv_sec < 5);
    say("left of the timeout: %ld.%09ld\n", (long)timeout.tv_sec, timeout.tv_nsec);
    CHECK(recvmmsg(pair[1], recv, 2, MSG_DONTWAIT, NULL) == -1 && errno == EAGAIN);
    return 0;
}

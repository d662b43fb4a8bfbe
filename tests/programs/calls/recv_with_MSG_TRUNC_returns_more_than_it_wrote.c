/* With MSG_TRUNC a datagram's real length is returned, although only the buffer was filled;
 * MSG_PEEK leaves it in the queue: recv(2). */
#include "check.h"

#include <sys/socket.h>

int main(void)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    unsigned char data[300], buffer[400];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(random_word() & 0x7f);
    CHECK(send(pair[0], data, sizeof data, 0) == 300);

    memset(buffer, 0xaa, sizeof buffer);
    CHECK(recv(pair[1], buffer, 20, MSG_PEEK | MSG_TRUNC) == 300);
    CHECK(memcmp(buffer, data, 20) == 0 && buffer[20] == 0xaa);
    say("peeked %016lx\n", (long)hash_of(buffer, sizeof buffer));

    struct iovec parts[2] = {{buffer, 10}, {buffer + 100, 15}};
    struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 2, .msg_flags = -1};
    memset(buffer, 0xaa, sizeof buffer);
    CHECK(recvmsg(pair[1], &msg, MSG_TRUNC) == 300);
    CHECK(msg.msg_flags & MSG_TRUNC);
    CHECK(buffer[10] == 0xaa && buffer[99] == 0xaa && buffer[114] == data[24] &&
          buffer[115] == 0xaa);
    say("received %016lx, flags %#x\n", (long)hash_of(buffer, sizeof buffer), msg.msg_flags);
    CHECK(recv(pair[1], buffer, 20, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    return 0;
}

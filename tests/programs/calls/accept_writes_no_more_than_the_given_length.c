/* A socket address is cut to the length given, and the length is set to what it would have been:
 * accept(2), getsockname(2), getpeername(2); net/socket.c, move_addr_to_user(). */
#include "check.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct guarded {
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        unsigned char bytes[64];
    } u;
};

static void check_cut(const struct guarded *g, socklen_t given, socklen_t got)
{
    CHECK(got == sizeof(struct sockaddr_in));
    for (size_t i = given; i < sizeof g->u.bytes; i++)
        CHECK(g->u.bytes[i] == 0xaa);
    CHECK(g->u.sa.sa_family == AF_INET);
}

static void try_length(int listener, const struct sockaddr_in *address, socklen_t length)
{
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(client >= 0);
    CHECK(connect(client, (const struct sockaddr *)address, sizeof *address) == 0);

    struct guarded g;
    memset(&g, 0xaa, sizeof g);
    socklen_t len = length;
    int server = accept4(listener, &g.u.sa, &len, SOCK_CLOEXEC);
    CHECK(server >= 0);
    check_cut(&g, length < sizeof *address ? length : sizeof *address, len);
    say("accept gave %u of %u bytes, port %d\n", length, len,
        length >= 4 ? ntohs(g.u.in.sin_port) : -1);

    memset(&g, 0xaa, sizeof g);
    len = length;
    CHECK(getsockname(client, &g.u.sa, &len) == 0);
    check_cut(&g, length < sizeof *address ? length : sizeof *address, len);
    memset(&g, 0xaa, sizeof g);
    len = length;
    CHECK(getpeername(server, &g.u.sa, &len) == 0);
    check_cut(&g, length < sizeof *address ? length : sizeof *address, len);
    close(client);
    close(server);
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(listener >= 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 4) == 0);
    socklen_t len = sizeof address;
    CHECK(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    say("listening on port %d\n", ntohs(address.sin_port));

    try_length(listener, &address, 2);
    try_length(listener, &address, 5);
    try_length(listener, &address, sizeof address);
    try_length(listener, &address, 64);
    return 0;
}

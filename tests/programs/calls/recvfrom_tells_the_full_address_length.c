/* recvfrom(2) cuts the sender's address to the buffer but returns its full length; a socket
 * without a name gives length 0 and leaves the buffer alone. */
#include "check.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX}, from;
    int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK(receiver >= 0 && sender >= 0);
    int n = snprintf(a.sun_path + 1, 90, "reprise-%d-%016lx", (int)getpid(), (long)random_word());
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    CHECK(bind(receiver, (struct sockaddr *)&a, len) == 0);

    char data[100];
    CHECK(sendto(sender, "anonymous", 9, 0, (struct sockaddr *)&a, len) == 9);
    memset(&from, 0xaa, sizeof from);
    socklen_t from_len = sizeof from;
    CHECK(recvfrom(receiver, data, sizeof data, 0, (struct sockaddr *)&from, &from_len) == 9);
    CHECK(from_len == 0);
    for (size_t i = 0; i < sizeof from; i++)
        CHECK(((unsigned char *)&from)[i] == 0xaa);

    /* Autobind: the kernel chooses a name of six bytes. */
    CHECK(bind(sender, (struct sockaddr *)&a, sizeof(sa_family_t)) == 0);
    CHECK(sendto(sender, "named", 5, 0, (struct sockaddr *)&a, len) == 5);
    from_len = 5;
    CHECK(recvfrom(receiver, data, 3, 0, (struct sockaddr *)&from, &from_len) == 3);
    CHECK(from_len == sizeof(sa_family_t) + 6);
    CHECK((unsigned char)from.sun_path[2] != 0xaa && (unsigned char)from.sun_path[3] == 0xaa);
    say("name of %u bytes begins with %c%c\n", from_len, from.sun_path[1], from.sun_path[2]);

    from_len = 3;
    CHECK(getsockname(sender, (struct sockaddr *)&from, &from_len) == 0);
    CHECK(from_len == sizeof(sa_family_t) + 6);
    say("bound to %s\n", a.sun_path + 1);
    return 0;
}

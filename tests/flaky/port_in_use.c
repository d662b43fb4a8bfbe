/* A server whose port may be taken. */
#include "flaky.h"

#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    char text[16] = "";
    int fd = MUST(open("port", O_RDONLY | O_CLOEXEC));
    MUST(read(fd, text, sizeof text - 1));
    close(fd);
    int s = MUST(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_port = htons((unsigned short)atoi(text)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(s, (const struct sockaddr *)&at, sizeof at) < 0)
        return verdict(0);
    MUST(listen(s, 1));
    return verdict(1);
}

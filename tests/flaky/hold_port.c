/* Takes a free port, writes its number into the file `port` and holds it until stdin ends. */
#include "flaky.h"

#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    char c;
    int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    MUST(bind(s, (const struct sockaddr *)&at, sizeof at));
    MUST(listen(s, 1));
    MUST(getsockname(s, (struct sockaddr *)&at, &len));
    FILE *f = fopen("port", "w");
    if (f == NULL || fprintf(f, "%d\n", ntohs(at.sin_port)) < 0 || fclose(f) != 0)
        return 3;
    puts("held");
    fflush(stdout);
    return read(0, &c, 1) < 0;
}

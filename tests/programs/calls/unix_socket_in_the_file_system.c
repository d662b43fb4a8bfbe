/* Sockets with a name in a directory, sequenced packets, half-closed pairs: unix(7). */
#include "check.h"

#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
    char dir[PATH_MAX];
    scratch_dir(dir);
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&a, sizeof a) == 0);
    CHECK(listen(listener, 3) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int c = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        CHECK(c >= 0 && connect(c, (struct sockaddr *)&a, sizeof a) == 0);
        CHECK(dprintf(c, "I am %d", (int)getpid()) > 0 &&
              dprintf(c, "%016lx", (long)random_word()) > 0);
        _exit(0);
    }
    struct sockaddr_un from;
    socklen_t len = sizeof from;
    int c = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
    CHECK(c >= 0 && len == sizeof(sa_family_t));
    struct ucred cred;
    len = sizeof cred;
    CHECK(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 && cred.pid == child);
    char packet[100];
    for (int i = 0; i < 2; i++) {
        ssize_t n = recv(c, packet, sizeof packet, 0);
        CHECK(n > 0);
        say("%.*s\n", (int)n, packet);
    }
    CHECK(recv(c, packet, sizeof packet, 0) == 0);
    wait_for_success(child);
    CHECK(send(c, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    CHECK(unlink("socket") == 0);
    scratch_dir_remove(dir);
    return 0;
}

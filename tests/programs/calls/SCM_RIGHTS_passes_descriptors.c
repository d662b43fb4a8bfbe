/* Open files travel over a unix socket; a control buffer too short for all gets MSG_CTRUNC and
 * those that fit: unix(7), cmsg(3). */
#include "check.h"

#include <sys/socket.h>

union control {
    char bytes[CMSG_SPACE(sizeof(int[3]))];
    struct cmsghdr align;
};

static void send_files(int socket, const int *files, size_t count)
{
    union control control = {0};
    struct iovec iov = {(void *)"x", 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(c), files, count * sizeof(int));
    CHECK(sendmsg(socket, &msg, 0) == 1);
}

static size_t receive_files(int socket, int *files, size_t room, int *flags)
{
    union control control;
    memset(&control, 0xaa, sizeof control);
    char byte;
    struct iovec iov = {&byte, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = CMSG_LEN(room * sizeof(int))};
    CHECK(recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) == 1);
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    CHECK(c != NULL && c->cmsg_type == SCM_RIGHTS);
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(files, CMSG_DATA(c), count * sizeof(int));
    *flags = msg.msg_flags;
    return count;
}

int main(void)
{
    int pair[2], got[3], flags;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int files[3];
        for (int i = 0; i < 3; i++) {
            files[i] = scratch_file();
            dprintf(files[i], "file %d of pid %d: %016lx\n", i, (int)getpid(), (long)random_word());
        }
        send_files(pair[1], files, 3);
        send_files(pair[1], files, 3);
        _exit(0);
    }
    CHECK(receive_files(pair[0], got, 3, &flags) == 3 && !(flags & MSG_CTRUNC));
    for (int i = 0; i < 3; i++) {
        char line[200] = "";
        CHECK(pread(got[i], line, sizeof line - 1, 0) > 0);
        CHECK(fcntl(got[i], F_GETFD) == FD_CLOEXEC);
        say("fd %d: %s", got[i], line);
    }
    CHECK(receive_files(pair[0], got, 1, &flags) == 1 && (flags & MSG_CTRUNC));
    wait_for_success(child);
    return 0;
}

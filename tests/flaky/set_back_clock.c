/* set_back_clock COMMAND...: runs a command in which the second clock reading of programs named
 * clock_leap is an hour early. The kernel asks us for the answer (seccomp_unotify(2)). Exit status
 * 77: this kernel, or this user, cannot. */
#include "flaky.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

static int make_filter(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clock_gettime, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {.len = sizeof code / sizeof code[0], .filter = code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                        &prog);
}

static void send_fd(int socket, int fd)
{
    char c = 'f';
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {&c, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(h), &fd, sizeof fd);
    MUST(sendmsg(socket, &msg, 0));
}

static int receive_fd(int socket)
{
    char c;
    int fd = -1;
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {&c, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    if (recvmsg(socket, &msg, 0) > 0 && CMSG_FIRSTHDR(&msg) != NULL)
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof fd);
    return fd;
}

static int is_victim(pid_t pid)
{
    char path[64], name[64] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, name, sizeof name - 1);
    close(fd);
    return n > 0 && strcmp(name, "clock_leap\n") == 0;
}

static void answer(int fd, int *n_asked)
{
    struct seccomp_notif asked = {0};
    struct seccomp_notif_resp said = {0};
    if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
        return;
    said.id = asked.id;
    said.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (is_victim((pid_t)asked.pid) && ++*n_asked == 2) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        t.tv_sec -= 3600;
        struct iovec from = {&t, sizeof t}, to = {(void *)asked.data.args[1], sizeof t};
        if (process_vm_writev((pid_t)asked.pid, &from, 1, &to, 1, 0) == (ssize_t)sizeof t)
            said.flags = 0;
    }
    ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &said);
}

static int supervise(int fd, pid_t child)
{
    int n_asked = 0, status;
    pid_t server = fork(); /* NOTIF_RECV does not end with the last task that has the filter */
    if (server == 0)
        for (;;)
            answer(fd, &n_asked);
    while (waitpid(child, &status, 0) != child)
        ;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int argc, char **argv)
{
    int sockets[2];
    if (argc < 2)
        return 3;
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
    pid_t child = MUST(fork());
    if (child == 0) {
        int fd = make_filter();
        if (fd < 0)
            _exit(77);
        send_fd(sockets[1], fd);
        close(fd);
        execv(argv[1], argv + 1);
        _exit(3);
    }
    close(sockets[1]);
    int fd = receive_fd(sockets[0]);
    if (fd >= 0)
        return supervise(fd, child);
    waitpid(child, NULL, 0);
    return 77;
}

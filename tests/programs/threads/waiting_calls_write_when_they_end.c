/* One thread waits in a call that will write to memory, another makes it end and looks at that
 * memory meanwhile, without any call of its own: when it sees the change decides what it prints. */
#include "check.h"

#include <arpa/inet.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { SIZE = 4096, LOOKS = 400000 };

static unsigned char memory[SIZE] __attribute__((aligned(64)));
static int pipes[2], datagrams[2], events, epoll, listener, queue;
static struct sockaddr_in address;
static mqd_t messages;
static pid_t child;
static int go[2];

static void wait_read(void)
{
    CHECK(read(pipes[0], memory, SIZE) == 5);
}

static void wait_readv(void)
{
    struct iovec v[3] = {{memory + 10, 2}, {memory + 1000, 2}, {memory + 3000, 900}};
    CHECK(readv(pipes[0], v, 3) == 5);
}

static void wake_pipe(void)
{
    write_all(pipes[1], "hello", 5);
}

static void wait_recvfrom(void)
{
    socklen_t len = 200;
    CHECK(recvfrom(datagrams[0], memory, 1000, 0, (struct sockaddr *)(memory + 2000), &len) == 5);
}

static void wait_recvmsg(void)
{
    struct iovec v[2] = {{memory + 10, 3}, {memory + 1000, 900}};
    struct msghdr h = {
        .msg_iov = v, .msg_iovlen = 2, .msg_control = memory + 3000, .msg_controllen = 200};
    CHECK(recvmsg(datagrams[0], &h, 0) == 5);
    CHECK(h.msg_controllen == 0 && h.msg_iov == v && h.msg_control == memory + 3000);
}

static void wait_recvmmsg(void)
{
    struct mmsghdr *h = (struct mmsghdr *)(memory + 2048);
    struct iovec v[2] = {{memory + 10, 30}, {memory + 1000, 30}};
    memset(h, 0, 2 * sizeof *h);
    for (int i = 0; i < 2; i++) {
        h[i].msg_hdr.msg_iov = &v[i];
        h[i].msg_hdr.msg_iovlen = 1;
    }
    CHECK(recvmmsg(datagrams[0], h, 2, MSG_WAITFORONE, NULL) == 1);
    CHECK(h[0].msg_len == 5 && h[0].msg_hdr.msg_iov == v);
}

static void wake_datagrams(void)
{
    CHECK(send(datagrams[1], "hello", 5, 0) == 5);
}

static void wait_accept(void)
{
    socklen_t *len = (socklen_t *)(memory + 1024);
    *len = 100;
    int fd = accept(listener, (struct sockaddr *)memory, len);
    CHECK(fd >= 0 && *len == sizeof address && close(fd) == 0);
}

static void wake_accept(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && close(fd) == 0);
}

static void take_event(void)
{
    uint64_t n;
    CHECK(read(events, &n, sizeof n) == sizeof n);
}

static void wait_epoll(void)
{
    CHECK(epoll_wait(epoll, (struct epoll_event *)(memory + 100), 20, -1) == 1);
    take_event();
}

static void wait_poll(void)
{
    struct pollfd *p = (struct pollfd *)(memory + 64);
    p[0] = (struct pollfd){.fd = pipes[0], .events = POLLIN};
    p[1] = (struct pollfd){.fd = events, .events = POLLIN};
    CHECK(poll(p, 2, -1) == 1 && p[0].revents == 0 && p[1].revents == POLLIN);
    take_event();
}

/* One set is given twice, as some programs do. */
static void wait_select(void)
{
    fd_set *set = (fd_set *)memory;
    struct timeval *left = (struct timeval *)(memory + 1024);
    FD_ZERO(set);
    FD_SET(events, set);
    *left = (struct timeval){100, 0};
    fd_set *volatile same = set;
    CHECK(select(events + 1, set, NULL, same, left) >= 0);
    take_event();
}

static void wake_event(void)
{
    uint64_t one = 1;
    write_all(events, &one, sizeof one);
}

static void wait_msgrcv(void)
{
    CHECK(msgrcv(queue, memory, 1000, 0, 0) == 5);
}

static void wake_msgrcv(void)
{
    struct {
        long type;
        char text[5];
    } m = {7, "hello"};
    CHECK(msgsnd(queue, &m, 5, 0) == 0);
}

static void wait_mq(void)
{
    CHECK(mq_receive(messages, (char *)memory, 64, (unsigned *)(memory + 1000)) == 5);
}

static void wake_mq(void)
{
    CHECK(mq_send(messages, "hello", 5, 3) == 0);
}

static void wait_child(void)
{
    CHECK(wait4(child, (int *)memory, 0, (struct rusage *)(memory + 100)) == child);
}

static void wait_child_by_id(void)
{
    CHECK(waitid(P_PID, (id_t)child, (siginfo_t *)memory, WEXITED) == 0);
}

static void make_child(void)
{
    CHECK(pipe(go) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char c;
        close(go[1]);
        _exit(read(go[0], &c, 1) == 0 ? 3 : 4);
    }
    close(go[0]);
}

static void wake_child(void)
{
    close(go[1]);
}

static void wait_signal(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigwaitinfo(&set, (siginfo_t *)memory) == SIGUSR1);
}

static void wake_signal(void)
{
    CHECK(kill(getpid(), SIGUSR1) == 0);
}

static const struct {
    const char *name;
    void (*prepare)(void), (*wait)(void), (*wake)(void);
} kinds[] = {
    {"read", NULL, wait_read, wake_pipe},
    {"readv", NULL, wait_readv, wake_pipe},
    {"recvfrom", NULL, wait_recvfrom, wake_datagrams},
    {"recvmsg", NULL, wait_recvmsg, wake_datagrams},
    {"recvmmsg", NULL, wait_recvmmsg, wake_datagrams},
    {"accept", NULL, wait_accept, wake_accept},
    {"epoll_wait", NULL, wait_epoll, wake_event},
    {"poll", NULL, wait_poll, wake_event},
    {"select", NULL, wait_select, wake_event},
    {"msgrcv", NULL, wait_msgrcv, wake_msgrcv},
    {"mq_receive", NULL, wait_mq, wake_mq},
    {"wait4", make_child, wait_child, wake_child},
    {"waitid", make_child, wait_child_by_id, wake_child},
    {"sigwaitinfo", NULL, wait_signal, wake_signal},
};

static void *run(void *arg)
{
    kinds[(size_t)arg].wait();
    return NULL;
}

/* How many looks until the memory is another, or LOOKS; and what it is then. */
static void look(const char *name, uint64_t before)
{
    volatile const uint64_t *words = (volatile const uint64_t *)memory;
    long at = 0;
    uint64_t sum = before;
    for (; at < LOOKS && sum == before; at++) {
        sum = 0;
        for (size_t i = 0; i < SIZE / 8; i += 1)
            sum = sum * 31 + words[i];
    }
    say("%s: %ld looks, %016lx\n", name, at, (long)hash_of(memory, SIZE));
}

static uint64_t sum_now(void)
{
    const uint64_t *words = (const uint64_t *)memory;
    uint64_t sum = 0;
    for (size_t i = 0; i < SIZE / 8; i++)
        sum = sum * 31 + words[i];
    return sum;
}

static void prepare(void)
{
    struct epoll_event wanted = {.events = EPOLLIN, .data.u64 = 0x1234567890abcdef};
    struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
    socklen_t len = sizeof address;
    sigset_t set;
    CHECK(pipe(pipes) == 0 && socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams) == 0);
    events = eventfd(0, EFD_CLOEXEC);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, events, &wanted) == 0);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(bind(listener, (struct sockaddr *)&address, len) == 0 && listen(listener, 5) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    queue = msgget(IPC_PRIVATE, 0600);
    char name[64];
    snprintf(name, sizeof name, "/reprise-test-%d", (int)getpid());
    messages = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
    CHECK(queue >= 0 && messages != (mqd_t)-1 && mq_unlink(name) == 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
}

int main(void)
{
    prepare();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        pthread_t thread;
        memset(memory, 0xee, SIZE);
        if (kinds[i].prepare != NULL)
            kinds[i].prepare();
        CHECK(pthread_create(&thread, NULL, run, (void *)i) == 0);
        sleep_ms(10); /* so that it waits; if it does not yet, that is no harm */
        uint64_t before = sum_now();
        kinds[i].wake();
        look(kinds[i].name, before);
        CHECK(pthread_join(thread, NULL) == 0);
        say("%s: %016lx\n", kinds[i].name, (long)hash_of(memory, SIZE));
    }
    CHECK(msgctl(queue, IPC_RMID, NULL) == 0);
    return 0;
}

/* Owns the life of a reader: its start, what goes to and fro, and how its end is told. */
#include "confine/reader.h"

#include "base/die_with_parent.h"
#include "base/page.h"
#include "base/scope.h"
#include "confine/close_from.h"
#include "confine/no_core.h"
#include "confine/reader_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct reader {
    pid_t pid; /* 0: it is gone */
    int channel;
    struct reader_limits limits;
};

/* A question as it is sent: this, then its bytes; with it maybe a descriptor. */
struct envelope {
    uint64_t size;
    uint8_t bytes[READER_QUESTION_MAX];
};
#define ENVELOPE_HEAD offsetof(struct envelope, bytes)

struct letter {
    struct envelope envelope;
    struct iovec vec;
    struct msghdr head;
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
};

static void letter_init(struct letter *l)
{
    memset(l, 0, sizeof *l);
    l->vec = (struct iovec){.iov_base = &l->envelope, .iov_len = sizeof l->envelope};
    l->head = (struct msghdr){.msg_iov = &l->vec,
                              .msg_iovlen = 1,
                              .msg_control = l->control,
                              .msg_controllen = sizeof l->control};
}

/* ---- the reader ---- */

/* Takes one question. False: nobody asks any more. */
static bool serve_one(reader_serve_fn *serve, void *state)
{
    static uint8_t answer[READER_ANSWER_MAX];
    struct letter l;
    letter_init(&l);
    ssize_t got = recvmsg(READER_CHANNEL, &l.head, MSG_CMSG_CLOEXEC);
    if (got < (ssize_t)ENVELOPE_HEAD)
        return false;
    struct reader_question q = {
        .bytes = l.envelope.bytes, .len = (size_t)got - ENVELOPE_HEAD, .size = l.envelope.size};
    const struct cmsghdr *c = CMSG_FIRSTHDR(&l.head);
    void *content = NULL;
    if (c != NULL) {
        int fd;
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
        content = mmap(NULL, q.size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
        close(fd);
        q.content = content = content != MAP_FAILED ? content : NULL;
    }
    size_t len = serve(state, &q, answer);
    if (content != NULL && !q.keep)
        munmap(content, q.size);
    return write(READER_CHANNEL, answer, len) == (ssize_t)len;
}

/* Bytes of address space that it begins with: it is a clone. */
static uint64_t space_now(void)
{
    unsigned long long pages;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL || fscanf(f, "%llu", &pages) != 1)
        pages = (4ull << 30) / PAGE; /* without /proc: more than it is likely to be */
    if (f != NULL)
        fclose(f);
    return pages * PAGE;
}

static void limit(int resource, uint64_t soft, uint64_t hard)
{
    struct rlimit l;
    if (getrlimit((__rlimit_resource_t)resource, &l) < 0)
        return;
    l.rlim_cur = l.rlim_cur < soft ? l.rlim_cur : soft;
    l.rlim_max = l.rlim_max < hard ? l.rlim_max : hard;
    (void)setrlimit((__rlimit_resource_t)resource, &l);
}

static void set_limits(const struct reader_limits *limits)
{
    uint64_t most = space_now() + limits->memory;
    limit(RLIMIT_CPU, limits->cpu_s, limits->cpu_s + 1); /* at the first SIGXCPU tells why */
    limit(RLIMIT_AS, most, most);
    no_core();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* nobody else looks into it, either */
}

/* Its exit status tells why it could not begin: an errno. */
static _Noreturn void live(reader_serve_fn *serve, void *state, const struct reader_limits *limits,
                           int channel, pid_t parent)
{
    die_with_parent(parent);
    setpgid(0, 0); /* the terminal's signals are for who asks */
    set_limits(limits);
    if (dup2(channel, READER_CHANNEL) < 0)
        _exit(errno);
    close_from(READER_CHANNEL + 1);
    int err = reader_filter_set();
    if (err < 0)
        _exit(-err);
    while (serve_one(serve, state))
        ;
    _exit(0);
}

/* ---- who asks ---- */

struct reader_limits reader_limits_default(void)
{
    return (struct reader_limits){.cpu_s = 60, .answer_s = 120, .memory = 4ull << 30};
}

int reader_start(reader_serve_fn *serve, void *state, const struct reader_limits *limits,
                 struct reader **ret, struct err *err)
{
    struct reader *r = malloc(sizeof *r);
    int channel[2];
    if (r == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0) {
        int e = errno;
        free(r);
        return err_sys(err, e, "no process can be made for it");
    }
    *r = (struct reader){.channel = channel[0], .limits = *limits};
    pid_t self = getpid();
    r->pid = fork();
    int e = errno;
    if (r->pid == 0)
        live(serve, state, limits, channel[1], self);
    close(channel[1]);
    if (r->pid < 0) {
        r->pid = 0;
        reader_end(r);
        return err_sys(err, e, "no process can be made for it");
    }
    *ret = r;
    return 0;
}

/* Kills it. True: `ret_status` tells how it had ended before. */
static bool reap(struct reader *r, int *ret_status)
{
    pid_t pid = r->pid;
    r->pid = 0;
    if (pid == 0)
        return false;
    kill(pid, SIGKILL);
    pid_t got;
    while ((got = waitpid(pid, ret_status, 0)) < 0 && errno == EINTR)
        ;
    return got == pid;
}

void reader_end(struct reader *r)
{
    if (r == NULL)
        return;
    int status;
    (void)reap(r, &status);
    close(r->channel);
    free(r);
}

pid_t reader_pid(const struct reader *r)
{
    return r->pid;
}

static int tell_signal(const struct reader *r, int signo, struct err *err)
{
    switch (signo) {
    case SIGSYS:
        return err_set(err, EPERM, "what reads it made a call that it may not make");
    case SIGXCPU:
        return err_set(err, ETIME, "what reads it took more than %u s of processor time",
                       r->limits.cpu_s);
    default:
        return err_set(err, EFAULT, "what reads it was killed by signal %d (%s)", signo,
                       strsignal(signo));
    }
}

/* It does not answer. */
static ssize_t tell_end(struct reader *r, struct err *err)
{
    int status = 0;
    if (!reap(r, &status))
        return err_set(err, ECHILD, "what reads it is gone");
    if (WIFSIGNALED(status))
        return tell_signal(r, WTERMSIG(status), err);
    if (WEXITSTATUS(status) != 0)
        return err_set(err, ENOTSUP, "what reads it cannot be confined here: %s",
                       strerror(WEXITSTATUS(status)));
    return err_set(err, ECHILD, "what reads it has ended");
}

static bool send_question(struct reader *r, const void *question, size_t len, int fd, uint64_t size)
{
    struct letter l;
    letter_init(&l);
    l.envelope.size = size;
    memcpy(l.envelope.bytes, question, len);
    l.vec.iov_len = ENVELOPE_HEAD + len;
    if (fd < 0) {
        l.head.msg_control = NULL;
        l.head.msg_controllen = 0;
    } else {
        struct cmsghdr *c = CMSG_FIRSTHDR(&l.head);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t n;
    while ((n = sendmsg(r->channel, &l.head, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n > 0;
}

ssize_t reader_ask(struct reader *r, const void *question, size_t len, int fd, uint64_t size,
                   void *answer, size_t answer_size, struct err *err)
{
    if (len > READER_QUESTION_MAX)
        return err_set(err, E2BIG, "the question is too long");
    if (r->pid == 0 || !send_question(r, question, len, fd, size))
        return tell_end(r, err);
    struct pollfd p = {.fd = r->channel, .events = POLLIN};
    int ready;
    while ((ready = poll(&p, 1, (int)r->limits.answer_s * 1000)) < 0 && errno == EINTR)
        ;
    if (ready == 0) {
        int status;
        (void)reap(r, &status);
        return err_set(err, ETIME, "what reads it did not answer within %u s", r->limits.answer_s);
    }
    ssize_t got = recv(r->channel, answer, answer_size, 0);
    return got > 0 ? got : tell_end(r, err);
}

/* Owns what each call does to the table of descriptors of its task. */
#include "decode/call_text.h"
#include "decode/fd_follow_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

struct at {
    struct fd_follow *f;
    struct fd_task *task;
    const struct walk_event *event;
    const struct walk_call *call;
};

/* How a call makes descriptors, or what it does to them. */
struct fd_call {
    int (*act)(const struct at *at, const struct fd_call *row);
    enum fd_kind kind;
    int8_t flags_arg; /* the argument with the flag below, -1: none */
    bool always;      /* close-on-exec without being asked */
    uint32_t cloexec; /* the flag that asks for it */
    const char *name; /* of FD_OTHER */
};

static bool wants_cloexec(const struct at *at, const struct fd_call *row)
{
    return row->always ||
           (row->flags_arg >= 0 && (at->call->args[row->flags_arg] & row->cloexec) != 0);
}

static int set(const struct at *at, int64_t fd, struct fd_object *o, bool cloexec)
{
    return o != NULL ? fd_table_set(at->f, at->task->table, (int)fd, o, cloexec) : -ENOMEM;
}

static struct fd_object *make(const struct at *at, enum fd_kind kind)
{
    return fd_object_new(at->f, kind, at->event->number);
}

static struct fd_object *object_at(const struct at *at, uint64_t fd)
{
    return fd_table_get(at->task->table, (int)fd, NULL);
}

/* The string that argument i points to, without its NUL. */
static size_t string_arg(const struct at *at, size_t i, const char **ret)
{
    struct call_bytes b;
    call_bytes_in(at->call, at->call->args[i], UINT64_MAX, &b);
    *ret = (const char *)b.data;
    return b.data != NULL ? strnlen(*ret, (size_t)b.kept) : 0;
}

/* ---- the result is a new descriptor ---- */

static int makes(const struct at *at, const struct fd_call *row)
{
    struct fd_object *o = make(at, row->kind);
    if (o != NULL && row->name != NULL && fd_object_set_path(o, row->name, strlen(row->name)) < 0) {
        fd_object_drop(o);
        return -ENOMEM;
    }
    return set(at, at->call->result, o, wants_cloexec(at, row));
}

static int makes_named(const struct at *at, const struct fd_call *row)
{
    const char *name;
    size_t len = string_arg(at, 0, &name);
    struct fd_object *o = make(at, row->kind);
    if (o != NULL && fd_object_set_path(o, name, len) < 0) {
        fd_object_drop(o);
        return -ENOMEM;
    }
    return set(at, at->call->result, o, wants_cloexec(at, row));
}

static int opens_at(const struct at *at, int dirfd, size_t path_arg, bool cloexec)
{
    const char *path;
    size_t len = string_arg(at, path_arg, &path);
    struct buf full = {0};
    int r = fd_follow_path(at->f, at->event->task, dirfd, path, len, &full);
    bool absolute = r == 0;
    if (r == -ENOENT)
        r = buf_append(&full, path, len);
    struct fd_object *o = r == 0 ? make(at, FD_FILE) : NULL;
    if (o != NULL && fd_object_set_path(o, full.data, full.len) < 0) {
        fd_object_drop(o);
        o = NULL;
    }
    if (o != NULL && absolute && strcmp(o->path, "/dev/ptmx") == 0)
        o->kind = FD_PTY;
    buf_done(&full);
    return set(at, at->call->result, o, cloexec);
}

static int opens(const struct at *at, const struct fd_call *row)
{
    return opens_at(at, AT_FDCWD, 0, wants_cloexec(at, row));
}

static int opens_beside(const struct at *at, const struct fd_call *row)
{
    return opens_at(at, (int)at->call->args[0], 1, wants_cloexec(at, row));
}

/* openat2: the flags are the first word of struct open_how. */
static int opens_how(const struct at *at, const struct fd_call *row)
{
    struct call_bytes b;
    uint64_t flags = 0;
    (void)row;
    call_bytes_in(at->call, at->call->args[2], sizeof flags, &b);
    call_bytes_read(&b, NULL, 0, &flags, sizeof flags);
    return opens_at(at, (int)at->call->args[0], 1, (flags & O_CLOEXEC) != 0);
}

/* signalfd(2) with a descriptor changes that one and returns it. */
static int makes_signalfd(const struct at *at, const struct fd_call *row)
{
    return (int)at->call->args[0] == -1 ? makes(at, row) : 0;
}

/* ---- sockets ---- */

static int makes_socket(const struct at *at, const struct fd_call *row)
{
    struct fd_object *o = make(at, FD_SOCKET);
    if (o != NULL) {
        o->family = (int)at->call->args[0];
        o->type = (int)at->call->args[1] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
        o->protocol = (int)at->call->args[2];
    }
    return set(at, at->call->result, o, wants_cloexec(at, row));
}

/* The struct sockaddr at an address, as handed over or as written. */
static uint8_t address_from(const struct at *at, bool out, uint64_t addr,
                            uint8_t to[FD_ADDRESS_MAX])
{
    struct call_bytes b;
    if (out)
        call_bytes_out(at->call, addr, FD_ADDRESS_MAX, &b);
    else
        call_bytes_in(at->call, addr, FD_ADDRESS_MAX, &b);
    long n = call_bytes_read(&b, NULL, 0, to, FD_ADDRESS_MAX);
    return n > 0 ? (uint8_t)n : 0;
}

static int accepts(const struct at *at, const struct fd_call *row)
{
    const struct fd_object *listener = object_at(at, at->call->args[0]);
    struct fd_object *o = make(at, FD_SOCKET);
    if (o != NULL && listener != NULL) {
        o->family = listener->family;
        o->type = listener->type;
        o->protocol = listener->protocol;
        o->local_len = listener->local_len;
        memcpy(o->local, listener->local, sizeof o->local);
    }
    if (o != NULL)
        o->peer_len = address_from(at, true, at->call->args[1], o->peer);
    return set(at, at->call->result, o, wants_cloexec(at, row));
}

static int binds(const struct at *at, const struct fd_call *row)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    (void)row;
    if (o != NULL)
        o->local_len = address_from(at, false, at->call->args[1], o->local);
    return 0;
}

/* Also one that goes on in the background. */
static int connects(const struct at *at, const struct fd_call *row)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    (void)row;
    if (o != NULL && (at->call->result == 0 || at->call->result == -EINPROGRESS))
        o->peer_len = address_from(at, false, at->call->args[1], o->peer);
    return 0;
}

static int listens(const struct at *at, const struct fd_call *row)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    (void)row;
    if (o != NULL)
        o->listening = true;
    return 0;
}

static int tells_local(const struct at *at, const struct fd_call *row)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    (void)row;
    if (o != NULL)
        o->local_len = address_from(at, true, at->call->args[1], o->local);
    return 0;
}

static int tells_peer(const struct at *at, const struct fd_call *row)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    (void)row;
    if (o != NULL)
        o->peer_len = address_from(at, true, at->call->args[1], o->peer);
    return 0;
}

/* ---- two at a time ---- */

static int makes_pair(const struct at *at, const struct fd_call *row)
{
    bool sockets = row->kind == FD_SOCKET, cloexec = wants_cloexec(at, row);
    struct call_bytes b;
    int32_t fds[2];
    call_bytes_out(at->call, at->call->args[sockets ? 3 : 0], sizeof fds, &b);
    if (call_bytes_read(&b, NULL, 0, fds, sizeof fds) != sizeof fds)
        return 0;
    uint64_t pair = ++at->f->n_pairs;
    int r = 0;
    for (size_t i = 0; i < 2 && r == 0; i++) {
        struct fd_object *o = make(at, row->kind);
        if (o != NULL) {
            o->pair = pair;
            o->write_end = !sockets && i == 1;
            o->family = sockets ? (int)at->call->args[0] : 0;
            o->type = sockets ? (int)at->call->args[1] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK) : 0;
            o->protocol = sockets ? (int)at->call->args[2] : 0;
        }
        r = set(at, fds[i], o, cloexec);
    }
    return r;
}

/* ---- copies ---- */

static int copies_to(const struct at *at, uint64_t from, int64_t to, bool cloexec)
{
    if ((int)from == to)
        return 0;
    struct fd_object *o = object_at(at, from);
    if (o == NULL)
        o = make(at, FD_UNKNOWN);
    return set(at, to, o, cloexec);
}

static int copies(const struct at *at, const struct fd_call *row)
{
    return copies_to(at, at->call->args[0], at->call->result, wants_cloexec(at, row));
}

static int controls(const struct at *at, const struct fd_call *row)
{
    uint32_t fd = (uint32_t)at->call->args[0];
    (void)row;
    switch ((int)at->call->args[1]) {
    case F_DUPFD:
        return copies_to(at, fd, at->call->result, false);
    case F_DUPFD_CLOEXEC:
        return copies_to(at, fd, at->call->result, true);
    case F_SETFD:
        return fd_table_mark_cloexec(at->f, at->task->table, fd, fd,
                                     (at->call->args[2] & FD_CLOEXEC) != 0);
    }
    return 0;
}

static int ioctls(const struct at *at, const struct fd_call *row)
{
    uint32_t fd = (uint32_t)at->call->args[0];
    (void)row;
    switch ((uint32_t)at->call->args[1]) {
    case FIOCLEX:
        return fd_table_mark_cloexec(at->f, at->task->table, fd, fd, true);
    case FIONCLEX:
        return fd_table_mark_cloexec(at->f, at->task->table, fd, fd, false);
    case TIOCGPTPEER: {
        struct fd_object *o = make(at, FD_FILE);
        return set(at, at->call->result, o, (at->call->args[2] & O_CLOEXEC) != 0);
    }
    }
    return 0;
}

/* pidfd_getfd(2): from a table of another process, which the trace may not even know. */
static int fetches(const struct at *at, const struct fd_call *row)
{
    (void)row;
    return set(at, at->call->result, make(at, FD_UNKNOWN), true);
}

/* ---- the end of descriptors; the working directory ---- */

static int closes(const struct at *at, const struct fd_call *row)
{
    (void)row;
    return fd_table_clear(at->f, at->task->table, (int)at->call->args[0]);
}

static int closes_range(const struct at *at, const struct fd_call *row)
{
    uint32_t first = (uint32_t)at->call->args[0], last = (uint32_t)at->call->args[1];
    (void)row;
    if ((at->call->args[2] & CLOSE_RANGE_UNSHARE) != 0) {
        int r = fd_task_unshare(at->f, at->task, CLONE_FILES);
        if (r < 0)
            return r;
    }
    if ((at->call->args[2] & CLOSE_RANGE_CLOEXEC) != 0)
        return fd_table_mark_cloexec(at->f, at->task->table, first, last, true);
    return fd_table_clear_range(at->f, at->task->table, first, last, false);
}

static int unshares(const struct at *at, const struct fd_call *row)
{
    (void)row;
    return fd_task_unshare(at->f, at->task, at->call->args[0]);
}

static int set_cwd(const struct at *at, char *cwd)
{
    free(at->task->fs->cwd);
    at->task->fs->cwd = cwd;
    return 0;
}

static int changes_dir(const struct at *at, const struct fd_call *row)
{
    const char *path;
    size_t len = string_arg(at, 0, &path);
    struct buf full = {0};
    (void)row;
    int r = fd_follow_path(at->f, at->event->task, AT_FDCWD, path, len, &full);
    if (r == 0)
        r = buf_append(&full, "", 1);
    if (r == -ENOMEM) {
        buf_done(&full);
        return r;
    }
    if (r < 0) {
        buf_done(&full);
        return set_cwd(at, NULL);
    }
    return set_cwd(at, (char *)full.data);
}

static int changes_to_fd(const struct at *at, const struct fd_call *row)
{
    const struct fd_object *o = object_at(at, at->call->args[0]);
    (void)row;
    if (o == NULL || o->kind != FD_FILE || o->path == NULL || o->path[0] != '/')
        return set_cwd(at, NULL);
    char *cwd = strdup(o->path);
    return cwd != NULL ? set_cwd(at, cwd) : -ENOMEM;
}

/* ---- descriptors in messages ---- */

#define MESSAGE_FDS_MAX 253 /* SCM_MAX_FD, include/net/scm.h */

/* New descriptors in the control data of a received message. Whose they were is not recorded. */
static int receives(const struct at *at, const struct fd_call *row)
{
    struct call_bytes b;
    struct msghdr h;
    uint8_t control[4096];
    (void)row;
    call_bytes_in(at->call, at->call->args[1], sizeof h, &b);
    if (call_bytes_read(&b, NULL, 0, &h, offsetof(struct msghdr, msg_flags)) <
        (long)offsetof(struct msghdr, msg_flags))
        return 0;
    call_bytes_out(at->call, (uint64_t)(uintptr_t)h.msg_control, sizeof control, &b);
    long n = call_bytes_read(&b, NULL, 0, control, sizeof control);
    bool cloexec = (at->call->args[2] & MSG_CMSG_CLOEXEC) != 0;
    for (size_t pos = 0; n > 0 && pos + sizeof(struct cmsghdr) <= (size_t)n;) {
        struct cmsghdr c;
        memcpy(&c, control + pos, sizeof c);
        if (c.cmsg_len < sizeof c || c.cmsg_len > (size_t)n - pos)
            break;
        size_t count = c.cmsg_level == SOL_SOCKET && c.cmsg_type == SCM_RIGHTS
                           ? (c.cmsg_len - sizeof c) / sizeof(int32_t)
                           : 0;
        for (size_t i = 0; i < count && i < MESSAGE_FDS_MAX; i++) {
            int32_t fd;
            memcpy(&fd, control + pos + sizeof c + i * sizeof fd, sizeof fd);
            int r = set(at, fd, make(at, FD_UNKNOWN), cloexec);
            if (r < 0)
                return r;
        }
        pos += (c.cmsg_len + 7) & ~(size_t)7;
    }
    return 0;
}

/* ---- the table ---- */

#define ANON(text) "anon_inode:" text

/* By number. SYS_read, which is 0, has none. */
static const struct fd_call fd_calls[] = {
    [SYS_open] = {opens, FD_FILE, 1, .cloexec = O_CLOEXEC},
    [SYS_creat] = {opens, FD_FILE, -1, .cloexec = 0},
    [SYS_openat] = {opens_beside, FD_FILE, 2, .cloexec = O_CLOEXEC},
    [SYS_openat2] = {opens_how, FD_FILE, -1, .cloexec = 0},
    [SYS_open_by_handle_at] = {makes, FD_UNKNOWN, 2, .cloexec = O_CLOEXEC},
    [SYS_memfd_create] = {makes_named, FD_MEMFD, 1, .cloexec = 1},
    [SYS_memfd_secret] = {makes, FD_OTHER, 0, .cloexec = O_CLOEXEC, .name = "/secretmem"},
    [SYS_mq_open] = {makes_named, FD_MQUEUE, -1, .always = true},
    [SYS_socket] = {makes_socket, FD_SOCKET, 1, .cloexec = SOCK_CLOEXEC},
    [SYS_socketpair] = {makes_pair, FD_SOCKET, 1, .cloexec = SOCK_CLOEXEC},
    [SYS_accept] = {accepts, FD_SOCKET, -1, .cloexec = 0},
    [SYS_accept4] = {accepts, FD_SOCKET, 3, .cloexec = SOCK_CLOEXEC},
    [SYS_bind] = {binds, FD_SOCKET, -1, .cloexec = 0},
    [SYS_listen] = {listens, FD_SOCKET, -1, .cloexec = 0},
    [SYS_connect] = {connects, FD_SOCKET, -1, .cloexec = 0},
    [SYS_getsockname] = {tells_local, FD_SOCKET, -1, .cloexec = 0},
    [SYS_getpeername] = {tells_peer, FD_SOCKET, -1, .cloexec = 0},
    [SYS_recvmsg] = {receives, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_pipe] = {makes_pair, FD_PIPE, -1, .cloexec = 0},
    [SYS_pipe2] = {makes_pair, FD_PIPE, 1, .cloexec = O_CLOEXEC},
    [SYS_dup] = {copies, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_dup2] = {copies, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_dup3] = {copies, FD_UNKNOWN, 2, .cloexec = O_CLOEXEC},
    [SYS_fcntl] = {controls, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_ioctl] = {ioctls, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_close] = {closes, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_close_range] = {closes_range, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_unshare] = {unshares, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_chdir] = {changes_dir, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_fchdir] = {changes_to_fd, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_epoll_create] = {makes, FD_EPOLL, -1, .cloexec = 0},
    [SYS_epoll_create1] = {makes, FD_EPOLL, 0, .cloexec = O_CLOEXEC},
    [SYS_eventfd] = {makes, FD_EVENTFD, -1, .cloexec = 0},
    [SYS_eventfd2] = {makes, FD_EVENTFD, 1, .cloexec = O_CLOEXEC},
    [SYS_signalfd] = {makes_signalfd, FD_SIGNALFD, -1, .cloexec = 0},
    [SYS_signalfd4] = {makes_signalfd, FD_SIGNALFD, 3, .cloexec = O_CLOEXEC},
    [SYS_timerfd_create] = {makes, FD_TIMERFD, 1, .cloexec = O_CLOEXEC},
    [SYS_inotify_init] = {makes, FD_INOTIFY, -1, .cloexec = 0},
    [SYS_inotify_init1] = {makes, FD_INOTIFY, 0, .cloexec = O_CLOEXEC},
    [SYS_fanotify_init] = {makes, FD_FANOTIFY, 0, .cloexec = 1},
    [SYS_pidfd_open] = {makes, FD_PIDFD, -1, .always = true},
    [SYS_pidfd_getfd] = {fetches, FD_UNKNOWN, -1, .cloexec = 0},
    [SYS_landlock_create_ruleset] = {makes, FD_OTHER, -1, .always = true,
                                     .name = ANON("[landlock-ruleset]")},
};

#define FD_CALLS ((int64_t)(sizeof fd_calls / sizeof fd_calls[0]))

int fd_calls_event(struct fd_follow *f, struct fd_task *t, const struct walk_event *event)
{
    const struct walk_call *c = event->call;
    struct at at = {.f = f, .task = t, .event = event, .call = c};
    if (!c->entered || c->row == NULL || c->n_args < c->row->nargs)
        return 0;
    const struct fd_call *row = &fd_calls[c->nr < FD_CALLS ? c->nr : 0];
    if (row->act == NULL || (c->result < 0 && row->act != connects))
        return 0;
    return row->act(&at, row);
}

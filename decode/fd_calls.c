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

struct at {
    struct fd_follow *f;
    struct fd_task *task;
    const struct walk_event *event;
    const struct walk_call *call;
};

static bool wants_cloexec(const struct at *at)
{
    const struct syscall_new_fd *fd = &at->call->row->new_fd;
    return fd->cloexec_always || (at->call->args[fd->cloexec_arg] & fd->cloexec_bit) != 0;
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

#define ANON(text) "anon_inode:" text

static const struct {
    enum fd_kind kind;
    const char *name; /* what the kernel calls it, where no kind says so */
} made[MADE_COUNT] = {
    [MADE_UNKNOWN] = {FD_UNKNOWN, NULL},
    [MADE_FILE] = {FD_FILE, NULL},
    [MADE_PIPE] = {FD_PIPE, NULL},
    [MADE_SOCKET] = {FD_SOCKET, NULL},
    [MADE_EPOLL] = {FD_EPOLL, NULL},
    [MADE_EVENTFD] = {FD_EVENTFD, NULL},
    [MADE_SIGNALFD] = {FD_SIGNALFD, NULL},
    [MADE_TIMERFD] = {FD_TIMERFD, NULL},
    [MADE_INOTIFY] = {FD_INOTIFY, NULL},
    [MADE_FANOTIFY] = {FD_FANOTIFY, NULL},
    [MADE_MEMFD] = {FD_MEMFD, NULL},
    [MADE_MQUEUE] = {FD_MQUEUE, NULL},
    [MADE_PIDFD] = {FD_PIDFD, NULL},
    [MADE_SECRETMEM] = {FD_OTHER, "/secretmem"},
    [MADE_RULESET] = {FD_OTHER, ANON("[landlock-ruleset]")},
};

static void describe_socket(const struct at *at, struct fd_object *o)
{
    o->family = (int)at->call->args[0];
    o->type = (int)at->call->args[1] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
    o->protocol = (int)at->call->args[2];
}

static int makes(const struct at *at)
{
    enum syscall_made what = (enum syscall_made)at->call->row->new_fd.made;
    if (what == MADE_SIGNALFD && (int)at->call->args[0] != -1)
        return 0; /* signalfd(2) changes that descriptor and returns it */
    bool named = what == MADE_MEMFD || what == MADE_MQUEUE;
    const char *name = made[what].name;
    size_t len = named ? string_arg(at, 0, &name) : name != NULL ? strlen(name) : 0;
    struct fd_object *o = make(at, made[what].kind);
    if (o != NULL && (named || name != NULL) && fd_object_set_path(o, name, len) < 0) {
        fd_object_drop(o);
        return -ENOMEM;
    }
    if (o != NULL && what == MADE_SOCKET)
        describe_socket(at, o);
    return set(at, at->call->result, o, wants_cloexec(at));
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

/* openat2: the flags are the first word of struct open_how. */
static bool how_has_cloexec(const struct at *at, int how)
{
    struct call_bytes b;
    uint64_t flags = 0;
    call_bytes_in(at->call, at->call->args[how], sizeof flags, &b);
    call_bytes_read(&b, NULL, 0, &flags, sizeof flags);
    return (flags & O_CLOEXEC) != 0;
}

static int opens(const struct at *at)
{
    const struct syscall_row *row = at->call->row;
    int dirfd = syscall_arg_of_kind(row, ARG_DIRFD), path = syscall_arg_of_kind(row, ARG_PATH);
    int how = syscall_arg_of_type(row, TYPE_OPEN_HOW);
    return opens_at(at, dirfd >= 0 ? (int)at->call->args[dirfd] : AT_FDCWD, (size_t)path,
                    how >= 0 ? how_has_cloexec(at, how) : wants_cloexec(at));
}

/* ---- sockets ---- */

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

static int accepts(const struct at *at)
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
    return set(at, at->call->result, o, wants_cloexec(at));
}

static int binds(const struct at *at)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    if (o != NULL)
        o->local_len = address_from(at, false, at->call->args[1], o->local);
    return 0;
}

/* Also one that goes on in the background. */
static int connects(const struct at *at)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    if (o != NULL && (at->call->result == 0 || at->call->result == -EINPROGRESS))
        o->peer_len = address_from(at, false, at->call->args[1], o->peer);
    return 0;
}

static int listens(const struct at *at)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    if (o != NULL)
        o->listening = true;
    return 0;
}

static int tells_local(const struct at *at)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    if (o != NULL)
        o->local_len = address_from(at, true, at->call->args[1], o->local);
    return 0;
}

static int tells_peer(const struct at *at)
{
    struct fd_object *o = object_at(at, at->call->args[0]);
    if (o != NULL)
        o->peer_len = address_from(at, true, at->call->args[1], o->peer);
    return 0;
}

/* ---- two at a time ---- */

static int makes_pair(const struct at *at)
{
    const struct syscall_row *row = at->call->row;
    enum fd_kind kind = made[row->new_fd.made].kind;
    struct call_bytes b;
    int32_t fds[2];
    call_bytes_out(at->call, at->call->args[syscall_arg_of_type(row, TYPE_FD_PAIR)], sizeof fds,
                   &b);
    if (call_bytes_read(&b, NULL, 0, fds, sizeof fds) != sizeof fds)
        return 0;
    uint64_t pair = ++at->f->n_pairs;
    int r = 0;
    for (size_t i = 0; i < 2 && r == 0; i++) {
        struct fd_object *o = make(at, kind);
        if (o != NULL) {
            o->pair = pair;
            o->write_end = kind == FD_PIPE && i == 1;
            if (kind == FD_SOCKET)
                describe_socket(at, o);
        }
        r = set(at, fds[i], o, wants_cloexec(at));
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

static int copies(const struct at *at)
{
    return copies_to(at, at->call->args[0], at->call->result, wants_cloexec(at));
}

static int controls(const struct at *at)
{
    uint32_t fd = (uint32_t)at->call->args[0];
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

static int ioctls(const struct at *at)
{
    uint32_t fd = (uint32_t)at->call->args[0];
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

static int obeys(const struct at *at)
{
    return syscall_commands(at->call->nr) == COMMANDS_FCNTL ? controls(at) : ioctls(at);
}

/* pidfd_getfd(2): from a table of another process, which the trace may not even know. */
static int fetches(const struct at *at)
{
    return set(at, at->call->result, make(at, FD_UNKNOWN), wants_cloexec(at));
}

/* ---- the end of descriptors; the working directory ---- */

static int closes(const struct at *at)
{
    return fd_table_clear(at->f, at->task->table, (int)at->call->args[0]);
}

static int closes_range(const struct at *at)
{
    uint32_t first = (uint32_t)at->call->args[0], last = (uint32_t)at->call->args[1];
    if ((at->call->args[2] & CLOSE_RANGE_UNSHARE) != 0) {
        int r = fd_task_unshare(at->f, at->task, CLONE_FILES);
        if (r < 0)
            return r;
    }
    if ((at->call->args[2] & CLOSE_RANGE_CLOEXEC) != 0)
        return fd_table_mark_cloexec(at->f, at->task->table, first, last, true);
    return fd_table_clear_range(at->f, at->task->table, first, last, false);
}

static int unshares(const struct at *at)
{
    return fd_task_unshare(at->f, at->task, at->call->args[0]);
}

static int set_cwd(const struct at *at, char *cwd)
{
    free(at->task->fs->cwd);
    at->task->fs->cwd = cwd;
    return 0;
}

static int changes_dir(const struct at *at)
{
    const char *path;
    size_t len = string_arg(at, 0, &path);
    struct buf full = {0};
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

static int changes_to_fd(const struct at *at)
{
    const struct fd_object *o = object_at(at, at->call->args[0]);
    if (o == NULL || o->kind != FD_FILE || o->path == NULL || o->path[0] != '/')
        return set_cwd(at, NULL);
    char *cwd = strdup(o->path);
    return cwd != NULL ? set_cwd(at, cwd) : -ENOMEM;
}

/* ---- descriptors in messages ---- */

#define MESSAGE_FDS_MAX 253 /* SCM_MAX_FD, include/net/scm.h */

/* New descriptors in the control data of a received message. Whose they were is not recorded. */
static int receives(const struct at *at)
{
    struct call_bytes b;
    struct msghdr h;
    uint8_t control[4096];
    if (at->call->row->io.moves != MOVES_MESSAGE)
        return 0; /* those of recvmmsg are not followed */
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

/* ---- by what the row says ---- */

int fd_calls_event(struct fd_follow *f, struct fd_task *t, const struct walk_event *event)
{
    const struct walk_call *c = event->call;
    struct at at = {.f = f, .task = t, .event = event, .call = c};
    if (!c->entered || c->row == NULL || c->n_args < c->row->nargs)
        return 0;
    if (c->result < 0 && c->row->fds != FDS_CONNECTS)
        return 0;
    switch (c->row->fds) {
    case FDS_NONE:
    case FDS_SHUTS_DOWN:
        return 0;
    case FDS_OPENS:
        return opens(&at);
    case FDS_MAKES:
        return makes(&at);
    case FDS_MAKES_PAIR:
        return makes_pair(&at);
    case FDS_ACCEPTS:
        return accepts(&at);
    case FDS_RECEIVES:
        return receives(&at);
    case FDS_COPIES:
        return copies(&at);
    case FDS_FETCHES:
        return fetches(&at);
    case FDS_BY_COMMAND:
        return obeys(&at);
    case FDS_CLOSES:
        return closes(&at);
    case FDS_CLOSES_MANY:
        return closes_range(&at);
    case FDS_UNSHARES:
        return unshares(&at);
    case FDS_BINDS:
        return binds(&at);
    case FDS_CONNECTS:
        return connects(&at);
    case FDS_LISTENS:
        return listens(&at);
    case FDS_TELLS_LOCAL:
        return tells_local(&at);
    case FDS_TELLS_PEER:
        return tells_peer(&at);
    case FDS_CHDIR:
        return changes_dir(&at);
    case FDS_FCHDIR:
        return changes_to_fd(&at);
    }
    return 0;
}

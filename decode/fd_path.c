/* Owns names: paths put together from a directory and what is relative to it, and the text that
 * stands for a descriptor. */
#include "decode/fd_follow_private.h"
#include "decode/sockaddr_text.h"
#include "decode/text_out.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const char *directory_of(const struct fd_follow *f, const struct walk_task *task, int dirfd)
{
    if (dirfd == AT_FDCWD)
        return fd_follow_cwd(f, task);
    const struct fd_object *o = fd_follow_get(f, task, dirfd);
    return o != NULL && o->kind == FD_FILE ? o->path : NULL;
}

/* Appends the parts of a path to what stands from `root` on, which is absolute or empty. */
static int append_parts(struct buf *out, size_t root, const char *path, size_t len)
{
    int r = 0;
    for (size_t i = 0; i < len && r == 0;) {
        const char *slash = memchr(path + i, '/', len - i);
        size_t n = slash != NULL ? (size_t)(slash - path) - i : len - i;
        if (n == 2 && memcmp(path + i, "..", 2) == 0) {
            while (out->len > root && out->data[--out->len] != '/')
                ;
        } else if (n > 0 && !(n == 1 && path[i] == '.')) {
            r = buf_append(out, "/", 1);
            if (r == 0)
                r = buf_append(out, path + i, n);
        }
        i += n + 1;
    }
    return r;
}

int fd_follow_path(const struct fd_follow *f, const struct walk_task *task, int dirfd,
                   const char *path, size_t len, struct buf *out)
{
    size_t root = out->len;
    int r = 0;
    if (len == 0 || path[0] != '/') {
        const char *dir = directory_of(f, task, dirfd);
        if (dir == NULL || dir[0] != '/')
            return -ENOENT;
        r = append_parts(out, root, dir, strlen(dir));
    }
    if (r == 0)
        r = append_parts(out, root, path, len);
    if (r == 0 && out->len == root)
        r = buf_append(out, "/", 1);
    return r;
}

static const char *const anonymous[] = {
    [FD_EVENTFD] = "anon_inode:[eventfd]",   [FD_EPOLL] = "anon_inode:[eventpoll]",
    [FD_SIGNALFD] = "anon_inode:[signalfd]", [FD_TIMERFD] = "anon_inode:[timerfd]",
    [FD_INOTIFY] = "anon_inode:inotify",     [FD_FANOTIFY] = "anon_inode:[fanotify]",
    [FD_PIDFD] = "anon_inode:[pidfd]",
};

int fd_object_text(const struct fd_object *o, struct buf *out)
{
    switch (o->kind) {
    case FD_UNKNOWN:
        return o->path != NULL ? text_str(out, o->path) : text_str(out, "?");
    case FD_FILE:
    case FD_PTY:
    case FD_MQUEUE:
    case FD_OTHER:
        return text_str(out, o->path != NULL ? o->path : "?");
    case FD_PIPE:
        return text_fmt(out, "pipe:#%llu", (unsigned long long)o->pair);
    case FD_MEMFD:
        return text_fmt(out, "/memfd:%s (deleted)", o->path != NULL ? o->path : "");
    case FD_SOCKET:
        return socket_text(o, out);
    case FD_EVENTFD:
    case FD_EPOLL:
    case FD_SIGNALFD:
    case FD_TIMERFD:
    case FD_INOTIFY:
    case FD_FANOTIFY:
    case FD_PIDFD:
        break;
    }
    return text_str(out, anonymous[o->kind]);
}

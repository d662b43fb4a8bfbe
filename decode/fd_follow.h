/* What the descriptors of each process stand for, followed through the calls of a trace. */
#ifndef REPRISE_DECODE_FD_FOLLOW_H
#define REPRISE_DECODE_FD_FOLLOW_H

#include "base/buf.h"
#include "decode/trace_walk.h"

#include <stdbool.h>
#include <stdint.h>

enum fd_kind {
    FD_UNKNOWN = 0, /* was open when the recording began, or came from outside */
    FD_FILE,        /* `path` tells; directories and devices, too */
    FD_PIPE,
    FD_SOCKET,
    FD_PTY, /* the master's side */
    FD_EVENTFD,
    FD_EPOLL,
    FD_SIGNALFD,
    FD_TIMERFD,
    FD_INOTIFY,
    FD_FANOTIFY,
    FD_MEMFD, /* `path` is its name */
    FD_PIDFD,
    FD_MQUEUE, /* `path` is its name */
    FD_OTHER,  /* bpf, perf, userfaultfd ...: `path` is what the kernel calls it, "bpf-map" */
};

#define FD_ADDRESS_MAX 128 /* struct sockaddr_storage */

/* An open file description, or as near as the trace tells. Lives until the fd_follow is freed or
 * the last descriptor of it is gone. Both ends of a pipe share `pair`. */
struct fd_object {
    uint64_t id; /* from 1, in the order of creation; never used again */
    enum fd_kind kind;
    uint64_t pair;    /* both ends of a pipe or of a socketpair have the same; 0: none */
    bool write_end;   /* of a pipe */
    bool deleted;     /* the path was unlinked since */
    const char *path; /* absolute where the trace tells the working directory; NULL: none */
    uint64_t opener;  /* number of the event that made it; 0: before the recording */
    int family, type, protocol;                          /* of a socket */
    uint8_t local[FD_ADDRESS_MAX], peer[FD_ADDRESS_MAX]; /* struct sockaddr; */
    uint8_t local_len, peer_len;                         /* 0: not known */
    bool listening;
    /* the fd_follow's own */
    uint32_t refs;
};

struct fd_follow;

int fd_follow_new(const Reprise__Header *header, struct fd_follow **ret);
void fd_follow_free(struct fd_follow *f);

/* Takes in an event; to be called for each, after the caller has looked at the state before it.
 * 0 or -ENOMEM. */
int fd_follow_event(struct fd_follow *f, const struct walk_event *event);

/* NULL: nothing is known to be open there. */
const struct fd_object *fd_follow_get(const struct fd_follow *f, const struct walk_task *task,
                                      int fd);
/* The working directory of the task; NULL: not known. */
const char *fd_follow_cwd(const struct fd_follow *f, const struct walk_task *task);

/* What strace -y has between the angle brackets: "/etc/passwd", "TCP:[127.0.0.1:4242->...]". */
int fd_object_text(const struct fd_object *o, struct buf *out);

/* The path that a call means by `path`, relative to `dirfd` (AT_FDCWD: the working directory),
 * without "." and ".." and double slashes; symbolic links are not known. 0 or -ENOMEM; -ENOENT:
 * the directory is not known. Appends, with no NUL. */
int fd_follow_path(const struct fd_follow *f, const struct walk_task *task, int dirfd,
                   const char *path, size_t len, struct buf *out);

#endif

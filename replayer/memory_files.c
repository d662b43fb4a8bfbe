/* Owns which descriptor of ours is which descriptor of the tasks, and how it gets there. */
#include "replayer/memory_files.h"

#include "replayer/memory_use.h"
#include "replayer/sandbox.h"
#include "replayer/zygote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- passing ---- */

/* As recvmsg(2) wants it, in the zygote. */
struct letter {
    struct msghdr head;
    struct iovec vec;
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
    char byte; /* a message needs one */
};
_Static_assert(sizeof(struct letter) <= FAST_MAIL_SIZE, "it lies there");

static void set_up_letter(struct letter *l)
{
    *l = (struct letter){.vec = {.iov_base = &l->byte, .iov_len = 1},
                         .head = {.msg_iov = &l->vec,
                                  .msg_iovlen = 1,
                                  .msg_control = l->control,
                                  .msg_controllen = sizeof l->control}};
}

static int send_fd(int channel, int fd)
{
    struct letter letter;
    set_up_letter(&letter);
    struct cmsghdr *c = CMSG_FIRSTHDR(&letter.head);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    return sendmsg(channel, &letter.head, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : -errno;
}

/* Passes a descriptor to the table of the tasks. 0 with its number there, or -errno. */
static int give(struct replayer *r, int fd, int *ret_theirs)
{
    struct letter *letter = (void *)FAST_MAIL; /* memory that it shares with the replayer */
    int err = send_fd(r->channel, fd);
    if (err < 0)
        return err;
    set_up_letter(letter);
    int64_t got = zygote_call(r, r->zygote, SYS_recvmsg, SANDBOX_CHANNEL, FAST_MAIL,
                              SANDBOX_RECV_FLAGS, 0, 0, 0);
    if (got < 0)
        return (int)got;
    const struct letter read = *letter;
    int theirs;
    memcpy(&theirs, read.control + CMSG_LEN(0), sizeof theirs);
    if (read.head.msg_controllen < CMSG_LEN(sizeof theirs) || theirs <= SANDBOX_CHANNEL)
        return -EMFILE; /* the message came without it */
    *ret_theirs = theirs;
    return 0;
}

/* ---- files ---- */

/* Makes room for the number of a descriptor, which is small: the lowest that was free. */
static int reserve(struct replayer *r, int fd)
{
    size_t n = (size_t)fd + 1;
    if (n <= r->n_files)
        return 0;
    struct memory_file *more = reallocarray(r->files, 2 * n, sizeof *more);
    if (more == NULL)
        return -ENOMEM;
    memset(more + r->n_files, 0, (2 * n - r->n_files) * sizeof *more);
    r->files = more;
    r->n_files = 2 * n;
    return 0;
}

int memory_file_try(struct replayer *r, const char *name, int *ret_fd)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int err = reserve(r, fd);
    if (err < 0) {
        close(fd);
        return err;
    }
    r->files[fd].is_open = true;
    *ret_fd = fd;
    return 0;
}

int memory_file_new(struct replayer *r, const char *name, int *ret_fd)
{
    int e = memory_file_try(r, name, ret_fd);
    if (e == 0)
        return 0;
    int err = err_sys(r->err, -e, "cannot make a memory file");
    if (e == -EMFILE)
        err_append(r->err, "; raise the limit (ulimit -n)");
    return err;
}

int memory_file_in_tasks(struct replayer *r, int fd)
{
    struct memory_file *f = &r->files[fd];
    int err = f->in_tasks > 0 ? 0 : give(r, fd, &f->in_tasks);
    if (err < 0)
        return err_sys(r->err, -err, "cannot hand a memory file to the replayed program");
    return f->in_tasks;
}

void memory_file_close(struct replayer *r, int fd)
{
    struct memory_file *f = &r->files[fd];
    if (f->in_tasks > 0 && r->zygote > 0) {
        memory_use_leave(r, fd);
        zygote_call(r, r->zygote, SYS_close, (uint64_t)f->in_tasks, 0, 0, 0, 0, 0);
    }
    *f = (struct memory_file){0};
    close(fd);
}

void memory_files_done(struct replayer *r)
{
    free(r->files);
    r->files = NULL;
    r->n_files = 0;
}

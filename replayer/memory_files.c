/* Owns which descriptor of ours is which descriptor of the tasks. */
#include "replayer/memory_files.h"

#include "replayer/zygote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int memory_file_new(struct replayer *r, const char *name, int *ret_fd)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        return err_sys(r->err, errno, "cannot make a memory file");
    *ret_fd = fd;
    return 0;
}

/* Makes room for the number of a descriptor, which is small: the lowest that was free. */
static int reserve(struct replayer *r, int fd)
{
    size_t n = (size_t)fd + 1;
    if (n <= r->n_fds_in_tasks)
        return 0;
    int *more = realloc(r->fds_in_tasks, 2 * n * sizeof *more);
    if (more == NULL)
        return -ENOMEM;
    memset(more + r->n_fds_in_tasks, 0, (2 * n - r->n_fds_in_tasks) * sizeof *more);
    r->fds_in_tasks = more;
    r->n_fds_in_tasks = 2 * n;
    return 0;
}

int memory_file_in_tasks(struct replayer *r, int fd)
{
    int theirs, err = reserve(r, fd);
    if (err == 0 && r->fds_in_tasks[fd] > 0)
        return r->fds_in_tasks[fd];
    if (err == 0)
        err = zygote_give(r, fd, &theirs);
    if (err < 0)
        return err_sys(r->err, -err, "cannot hand a memory file to the replayed program");
    return r->fds_in_tasks[fd] = theirs;
}

void memory_file_close(struct replayer *r, int fd)
{
    if ((size_t)fd < r->n_fds_in_tasks && r->fds_in_tasks[fd] > 0) {
        zygote_close(r, r->fds_in_tasks[fd]);
        r->fds_in_tasks[fd] = 0;
    }
    close(fd);
}

void memory_files_done(struct replayer *r)
{
    free(r->fds_in_tasks);
    r->fds_in_tasks = NULL;
    r->n_fds_in_tasks = 0;
}

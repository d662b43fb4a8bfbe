/* Owns the call of pidfd_getfd(2), which not all C libraries know. */
#include "task/foreign_fd.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

int foreign_fd_copy(pid_t pid, int fd)
{
    long process = syscall(SYS_pidfd_open, pid, 0);
    if (process < 0)
        return -errno;
    long ours = syscall(SYS_pidfd_getfd, process, fd, 0);
    int err = errno;
    close((int)process);
    return ours >= 0 ? (int)ours : -err;
}

/* A descriptor of another process. */
#ifndef REPRISE_TASK_FOREIGN_FD_H
#define REPRISE_TASK_FOREIGN_FD_H

#include <sys/types.h>

/* A descriptor of ours for the file that `fd` is in the process `pid` (pidfd_getfd(2)); ours is
 * closed on exec, and theirs stays. -errno: -ENOSYS before Linux 5.6, -EPERM in many containers. */
int foreign_fd_copy(pid_t pid, int fd);

#endif

/* Owns how the recorder gets at the userfaultfd of a recorded program: the program makes it, and
 * has it no longer when it goes on. */
#include "recorder/watch_memory.h"

#include "recorder/inject.h"
#include "task/memory_watch.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* A descriptor of ours for the task's, or -errno. */
static int take_descriptor(const struct task *t, int64_t fd)
{
    long process = syscall(SYS_pidfd_open, t->pid, 0);
    if (process < 0)
        return -errno;
    long ours = syscall(SYS_pidfd_getfd, process, (int)fd, 0);
    int err = errno;
    close((int)process);
    return ours >= 0 ? (int)ours : -err;
}

/* A descriptor of ours, or -errno. */
static int make_userfaultfd(struct task *t)
{
    const uint64_t flags[6] = {MEMORY_WATCH_FLAGS};
    int64_t theirs = inject_call(t, SYS_userfaultfd, flags);
    if (theirs < 0)
        return (int)theirs;
    int ours = take_descriptor(t, theirs);
    const uint64_t fd[6] = {(uint64_t)theirs};
    int64_t closed = inject_call(t, SYS_close, fd);
    if (closed < 0 && ours >= 0) {
        close(ours);
        ours = (int)closed;
    }
    return ours;
}

void watch_memory(struct recorder *r, struct task *t)
{
    if (!memory_watch_is_wanted(t->space->watch, t->tid))
        return;
    /* a filter of its own might kill it for the call */
    bool allowed = !t->filtered && !t->strict && r->ptrace == NULL;
    memory_watch_start(t->space->watch, allowed ? make_userfaultfd(t) : -EPERM);
}

/* Owns how the recorder gets at the userfaultfd of a recorded program: the program makes it, and
 * has it no longer when it goes on. */
#include "recorder/watch_memory.h"

#include "recorder/inject.h"
#include "task/foreign_fd.h"
#include "task/made_calls.h"
#include "task/memory_watch.h"

#include <errno.h>
#include <unistd.h>

/* A descriptor of ours, or -errno. */
static int make_userfaultfd(struct task *t)
{
    const uint64_t flags[6] = {MEMORY_WATCH_FLAGS};
    int64_t theirs = inject_call(t, NR_USERFAULTFD, flags);
    if (theirs < 0)
        return (int)theirs;
    int ours = foreign_fd_copy(t->pid, (int)theirs);
    const uint64_t fd[6] = {(uint64_t)theirs};
    int64_t closed = inject_call(t, NR_CLOSE, fd);
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

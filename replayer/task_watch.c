/* Owns how the replayer gets at the userfaultfd of a replayed task: the task makes it, and has it
 * no longer when it goes on. */
#include "replayer/task_watch.h"

#include "replayer/zygote.h"
#include "task/foreign_fd.h"
#include "task/made_calls.h"
#include "task/memory_watch.h"

/* A descriptor of ours, or -errno. */
static int make_userfaultfd(struct replayer *r, pid_t pid)
{
    int64_t theirs = zygote_call(r, pid, NR_USERFAULTFD, MEMORY_WATCH_FLAGS, 0, 0, 0, 0, 0);
    if (theirs < 0)
        return (int)theirs;
    int ours = foreign_fd_copy(pid, (int)theirs);
    zygote_call(r, pid, NR_CLOSE, (uint64_t)theirs, 0, 0, 0, 0, 0);
    return ours;
}

void task_watch_memory(struct replayer *r, const struct rtask *t)
{
    if (memory_watch_is_wanted(t->watch, t->pid))
        memory_watch_start(t->watch, make_userfaultfd(r, t->pid));
}

/* Owns what follows from a row and its arguments without following memory. */
#include "traits.h"

#include "syscalls.h"

#include <linux/close_range.h>
#include <linux/sched.h>

int syscall_arg_of_kind(const struct syscall_row *row, enum arg_kind kind)
{
    for (int i = 0; i < row->nargs; i++)
        if (row->args[i] == kind)
            return i;
    return -1;
}

int syscall_arg_of_type(const struct syscall_row *row, enum arg_type type)
{
    for (int i = 0; i < row->nargs; i++)
        if (row->types[i] == type)
            return i;
    return -1;
}

bool syscall_makes_task(const struct syscall_row *row)
{
    switch (row->task) {
    case TASK_CLONE:
    case TASK_CLONE3:
    case TASK_FORK:
    case TASK_VFORK:
        return true;
    case TASK_NONE:
    case TASK_EXEC:
    case TASK_EXIT:
    case TASK_EXIT_GROUP:
    case TASK_SIGRETURN:
        return false;
    }
    return false;
}

bool syscall_reads_file(const struct syscall_row *row)
{
    return row->io.in && !row->io.out && row->io.place != PLACE_NONE;
}

bool syscall_unshares_fds(int64_t nr, const uint64_t args[SYSCALL_MAX_ARGS])
{
    const struct syscall_row *row = syscall_traits(nr);
    return (row->fds == FDS_UNSHARES && (args[0] & CLONE_FILES) != 0) ||
           (row->fds == FDS_CLOSES_MANY && (args[2] & CLOSE_RANGE_UNSHARE) != 0);
}

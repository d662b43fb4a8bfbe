/* Owns the writing to replayed tasks: all bytes that the replayer puts into one go through here,
 * since where they go is mostly what a trace says. */
#include "replayer/task_memory.h"

#include "replayer/diverge.h"

int task_memory_check(struct replayer *r, uint64_t addr, uint64_t len)
{
    if (!is_ours(addr, len))
        return 0;
    return is_damaged(r, "%#llx bytes at %#llx, which belongs to the replay",
                      (unsigned long long)len, (unsigned long long)addr);
}

int task_memory_write(struct replayer *r, pid_t pid, uint64_t addr, const void *src, size_t len)
{
    int err = task_memory_check(r, addr, len);
    return err < 0 ? err : tracee_write(pid, addr, src, len);
}

int task_memory_stop_at(struct replayer *r, pid_t pid, enum code_stop_kind kind, uint64_t addr,
                        struct code_stop *ret)
{
    int err = task_memory_check(r, addr, 1);
    return err < 0 ? err : code_stop_set(pid, kind, addr, ret);
}

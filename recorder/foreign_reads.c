/* Owns process_vm_readv and reads of /proc/PID/mem as far as code is read. */
#include "recorder/foreign_reads.h"

#include "recorder/code_watch.h"
#include "recorder/fd_class.h"
#include "recorder/foreign_memory.h"

#include <sys/syscall.h>
#include <sys/uio.h>

#define VECTORS_MAX 64
#define PIECE       4096u

/* What was read from [from, from + len) of the target is at `to` of the task. */
static void mend(struct task *t, const struct task *target, uint64_t from, uint64_t to,
                 uint64_t len)
{
    uint8_t bytes[PIECE];
    for (uint64_t done = 0; done < len && code_watch_changes(target, from + done, len - done);) {
        uint64_t n = len - done < PIECE ? len - done : PIECE;
        if (code_watch_changes(target, from + done, n) &&
            tracee_read_all(t->tid, to + done, bytes, n) == 0) {
            code_watch_undo(target, from + done, bytes, n);
            (void)tracee_write(t->tid, to + done, bytes, n);
        }
        done += n;
    }
}

struct vectors {
    struct iovec v[VECTORS_MAX];
    size_t n;
};

static bool take_vectors(struct task *t, uint64_t addr, uint64_t n, struct vectors *ret)
{
    ret->n = n < VECTORS_MAX ? (size_t)n : VECTORS_MAX;
    return tracee_read_all(t->tid, addr, ret->v, ret->n * sizeof ret->v[0]) == 0;
}

/* Both lists are filled in order (process_vm_readv(2)). */
static void mend_vectors(struct task *t, const struct task *target)
{
    const uint64_t *args = t->call.call.args;
    struct vectors local, remote;
    if (!take_vectors(t, args[1], args[2], &local) || !take_vectors(t, args[3], args[4], &remote))
        return;
    uint64_t left = (uint64_t)t->call.call.result, to = 0, from = 0;
    for (size_t i = 0, k = 0; left > 0 && i < local.n && k < remote.n;) {
        uint64_t len = local.v[i].iov_len - to, there = remote.v[k].iov_len - from;
        len = len < there ? len : there;
        len = len < left ? len : left;
        mend(t, target, (uint64_t)remote.v[k].iov_base + from, (uint64_t)local.v[i].iov_base + to,
             len);
        left -= len;
        to += len;
        from += len;
        if (to == local.v[i].iov_len) {
            i++;
            to = 0;
        }
        if (from == remote.v[k].iov_len) {
            k++;
            from = 0;
        }
    }
}

void foreign_reads_mend(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    if (c->row == NULL || c->answered || c->call.result <= 0)
        return;
    bool at_offset = c->call.nr == SYS_pread64;
    if (c->call.nr == SYS_process_vm_readv) {
        const struct task *target = map64_get(&r->tasks, args[0]);
        if (target != NULL && target->space != NULL)
            mend_vectors(t, target);
    } else if ((at_offset || c->call.nr == SYS_read) &&
               fd_class_of(r, t, args[0]) == FD_PROC_MEM) {
        pid_t pid = foreign_memory_owner(t, args[0]);
        const struct task *target = map64_get(&r->tasks, (uint64_t)pid);
        uint64_t end = args[3] + (uint64_t)c->call.result;
        bool known = at_offset || fd_class_position(t, args[0], &end);
        if (known && target != NULL && target->space != NULL)
            mend(t, target, end - (uint64_t)c->call.result, args[1], (uint64_t)c->call.result);
    }
}

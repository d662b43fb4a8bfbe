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
static void mend_vectors(struct task *t, const struct task *target, const struct vectors *local,
                         const struct vectors *remote)
{
    uint64_t left = (uint64_t)t->call.call.result, to = 0, from = 0;
    for (size_t i = 0, k = 0; left > 0 && i < local->n && k < remote->n;) {
        uint64_t len = local->v[i].iov_len - to, there = remote->v[k].iov_len - from;
        len = len < there ? len : there;
        len = len < left ? len : left;
        mend(t, target, (uint64_t)remote->v[k].iov_base + from, (uint64_t)local->v[i].iov_base + to,
             len);
        left -= len;
        to += len;
        from += len;
        if (to == local->v[i].iov_len) {
            i++;
            to = 0;
        }
        if (from == remote->v[k].iov_len) {
            k++;
            from = 0;
        }
    }
}

/* ---- /proc/PID/mem ---- */

/* Where the call, one of those that read from a descriptor, puts what it reads, and from where in
 * the file. False: it is another call. */
static bool read_by(struct task *t, struct vectors *ret_to, uint64_t *ret_from)
{
    const struct syscall_call *c = &t->call.call;
    bool many = c->nr == SYS_readv || c->nr == SYS_preadv || c->nr == SYS_preadv2;
    bool at_offset = c->nr == SYS_pread64 || c->nr == SYS_preadv ||
                     (c->nr == SYS_preadv2 && c->args[3] != UINT64_MAX);
    if (!many && c->nr != SYS_read && c->nr != SYS_pread64)
        return false;
    if (many && !take_vectors(t, c->args[1], c->args[2], ret_to))
        return false;
    if (!many)
        *ret_to = (struct vectors){.v = {{(void *)c->args[1], c->args[2]}}, .n = 1};
    if (at_offset) {
        *ret_from = c->args[3];
        return true;
    }
    if (!fd_class_position(t, c->args[0], ret_from))
        return false;
    *ret_from -= (uint64_t)c->result;
    return true;
}

static void mend_proc_mem(struct recorder *r, struct task *t)
{
    uint64_t fd = t->call.call.args[0], from;
    struct vectors to;
    if (!read_by(t, &to, &from) || fd_class_of(r, t, fd) != FD_PROC_MEM)
        return;
    const struct task *target = map64_get(&r->tasks, (uint64_t)foreign_memory_owner(t, fd));
    const struct vectors there = {.v = {{(void *)from, (uint64_t)t->call.call.result}}, .n = 1};
    if (target != NULL && target->space != NULL)
        mend_vectors(t, target, &to, &there);
}

static void mend_vm_read(struct recorder *r, struct task *t)
{
    const uint64_t *args = t->call.call.args;
    const struct task *target = map64_get(&r->tasks, args[0]);
    struct vectors local, remote;
    if (target != NULL && target->space != NULL && take_vectors(t, args[1], args[2], &local) &&
        take_vectors(t, args[3], args[4], &remote))
        mend_vectors(t, target, &local, &remote);
}

void foreign_reads_mend(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->answered || c->call.result <= 0)
        return;
    if (c->call.nr == SYS_process_vm_readv)
        mend_vm_read(r, t);
    else
        mend_proc_mem(r, t);
}

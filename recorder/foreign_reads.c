/* Owns process_vm_readv and reads of /proc/PID/mem as far as code is read. */
#include "recorder/foreign_reads.h"

#include "recorder/code_watch.h"
#include "recorder/fd_class.h"
#include "recorder/foreign_memory.h"
#include "recorder/read_calls.h"

#define PIECE 4096u

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

/* Both lists are filled in order (process_vm_readv(2)). */
static void mend_vectors(struct task *t, const struct task *target,
                         const struct read_vectors *local, const struct read_vectors *remote)
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

static void mend_proc_mem(struct recorder *r, struct task *t)
{
    uint64_t fd = t->call.call.args[0], from;
    struct read_vectors to, there = {.n = 1};
    if (!read_calls_are(t->call.call.nr) || fd_class_of(r, t, fd) != FD_PROC_MEM ||
        !read_calls_take(t, &to, &from))
        return;
    const struct task *target = map64_get(&r->tasks, (uint64_t)foreign_memory_owner(t, fd));
    there.v[0] = (struct iovec){(void *)from, (uint64_t)t->call.call.result};
    if (target != NULL && target->space != NULL)
        mend_vectors(t, target, &to, &there);
}

static void mend_vm_read(struct recorder *r, struct task *t)
{
    const uint64_t *args = t->call.call.args;
    const struct task *target = map64_get(&r->tasks, args[0]);
    struct read_vectors local, remote;
    if (target != NULL && target->space != NULL &&
        read_calls_take_vectors(t, args[1], args[2], &local) &&
        read_calls_take_vectors(t, args[3], args[4], &remote))
        mend_vectors(t, target, &local, &remote);
}

void foreign_reads_mend(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->answered || c->call.result <= 0)
        return;
    if (c->row->io.moves == MOVES_FROM_TASK)
        mend_vm_read(r, t);
    else
        mend_proc_mem(r, t);
}

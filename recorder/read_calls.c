/* Owns the arguments of read, pread64, readv, preadv and preadv2; knows nothing of what is read. */
#include "recorder/read_calls.h"

#include "recorder/fd_class.h"

bool read_calls_are(int64_t nr)
{
    return syscall_reads_file(syscall_traits(nr));
}

bool read_calls_take_vectors(struct task *t, uint64_t addr, uint64_t n, struct read_vectors *ret)
{
    ret->n = n < IOV_MAX ? (size_t)n : IOV_MAX;
    return tracee_read_all(t->tid, addr, ret->v, ret->n * sizeof ret->v[0]) == 0;
}

bool read_calls_take(struct task *t, struct read_vectors *ret_to, uint64_t *ret_from)
{
    const struct syscall_call *c = &t->call.call;
    const struct syscall_io *io = &syscall_traits(c->nr)->io;
    bool at_offset =
        io->place == PLACE_ARG || (io->place == PLACE_ARG_OR_OWN && c->args[3] != UINT64_MAX);
    if (io->moves == MOVES_BUFFER) {
        ret_to->v[0] = (struct iovec){(void *)c->args[1], c->args[2]};
        ret_to->n = 1;
    } else if (!read_calls_take_vectors(t, c->args[1], c->args[2], ret_to)) {
        return false;
    }
    if (at_offset) {
        *ret_from = c->args[3];
        return true;
    }
    if (!fd_class_position(t, c->args[0], ret_from))
        return false;
    *ret_from -= (uint64_t)c->result;
    return true;
}

void read_calls_put(struct task *t, const struct read_vectors *to, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0, n; i < to->n && len > 0; i++, bytes += n, len -= n) {
        n = to->v[i].iov_len < len ? to->v[i].iov_len : len;
        if (n > 0)
            (void)tracee_write(t->tid, (uint64_t)to->v[i].iov_base, bytes, n);
    }
}

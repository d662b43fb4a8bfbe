/* Owns where in the memory of a call the bytes are that it moves, as its row says. Refuses to know
 * what the descriptors stand for. */
#include "decode/call_io.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* struct user_msghdr and mmsghdr (include/linux/socket.h) have the layout of the C library's. */
#define MESSAGES_MAX 1024 /* UIO_MAXIOV: more are never taken at once (net/socket.c) */

/* The row of a call that moves bytes, and between the caller's own memory and descriptors. */
static const struct syscall_row *find_row(int64_t nr)
{
    const struct syscall_row *row = syscall_row(nr);
    return row != NULL && (row->io.in || row->io.out) ? row : NULL;
}

/* Copies a struct that the program handed over or the kernel wrote. */
static bool take(void (*get)(const struct walk_call *, uint64_t, uint64_t, struct call_bytes *),
                 const struct walk_call *call, uint64_t addr, void *dst, size_t len)
{
    struct call_bytes bytes;
    get(call, addr, len, &bytes);
    return bytes.range != NULL && call_bytes_read(&bytes, NULL, 0, dst, len) == (long)len;
}

static uint64_t message_address(const struct walk_call *call, size_t i)
{
    return call->args[1] + i * sizeof(struct mmsghdr);
}

static uint32_t length_of_message(const struct walk_call *call, size_t i)
{
    uint32_t len = 0;
    uint64_t addr = message_address(call, i) + offsetof(struct mmsghdr, msg_len);
    return take(call_bytes_out, call, addr, &len, sizeof len) ? len : 0;
}

static uint64_t bytes_moved(const struct walk_call *call, const struct syscall_io *io)
{
    if (io->moves == MOVES_QUEUED && io->out)
        return call->args[2];
    if (io->moves != MOVES_MESSAGES)
        return (uint64_t)call->result;
    uint64_t sum = 0;
    for (size_t i = 0; i < (size_t)call->result && i < MESSAGES_MAX; i++)
        sum += length_of_message(call, i);
    return sum;
}

static bool only_peeks(const struct walk_call *call, const struct syscall_row *row)
{
    int flags = syscall_arg_of_type(row, TYPE_MSG_FLAGS);
    return row->io.in && flags >= 0 && (call->args[flags] & MSG_PEEK) != 0;
}

bool call_io_get(const struct walk_call *call, struct call_io *ret)
{
    const struct syscall_row *row = find_row(call->nr);
    if (row == NULL || !call->done || !call->entered || call->result < 0)
        return false;
    const struct syscall_io *io = &row->io;
    uint64_t bytes = bytes_moved(call, io);
    *ret = (struct call_io){
        .in_fd = -1, .out_fd = -1, .kept_queued = io->keeps || only_peeks(call, row)};
    if (io->in) {
        ret->in_fd = (int)call->args[io->in_fd];
        ret->in_bytes = bytes;
    }
    if (io->out) {
        ret->out_fd = (int)call->args[row->out_fd];
        ret->out_bytes = bytes;
    }
    if (io->moves == MOVES_MESSAGES)
        ret->n_messages = call->result < MESSAGES_MAX ? (size_t)call->result : MESSAGES_MAX;
    else
        ret->n_messages = io->moves != MOVES_BETWEEN;
    return true;
}

/* ---- messages ---- */

static void take_address(struct io_message *m, uint64_t addr, uint64_t len)
{
    if (addr == 0 || len == 0 || len > sizeof m->address)
        return;
    if (take(m->out ? call_bytes_in : call_bytes_out, m->call, addr, m->address, (size_t)len))
        m->address_len = (size_t)len;
}

static bool take_header(struct io_message *m, uint64_t addr)
{
    struct msghdr h = {0};
    if (!take(call_bytes_in, m->call, addr, &h, offsetof(struct msghdr, msg_flags)))
        return false;
    m->buffer = (uint64_t)(uintptr_t)h.msg_iov;
    m->n_iov = h.msg_iovlen;
    uint32_t name_len = h.msg_namelen;
    if (!m->out && !take(call_bytes_out, m->call, addr + offsetof(struct msghdr, msg_namelen),
                         &name_len, sizeof name_len))
        name_len = 0;
    take_address(m, (uint64_t)(uintptr_t)h.msg_name, name_len);
    return true;
}

/* The address that sendto was given and recvfrom filled in; the length of the latter came back. */
static void take_argument(struct io_message *m, const struct syscall_row *row)
{
    int address = syscall_arg_of_type(row, TYPE_SOCKADDR);
    if (address < 0)
        return;
    uint32_t len = (uint32_t)m->call->args[address + 1];
    if (m->out || take(call_bytes_out, m->call, m->call->args[address + 1], &len, sizeof len))
        take_address(m, m->call->args[address], len);
}

bool call_io_message(const struct walk_call *call, const struct call_io *io, size_t i,
                     struct io_message *ret)
{
    const struct syscall_row *row = find_row(call->nr);
    if (row == NULL || i >= io->n_messages)
        return false;
    bool out = io->out_fd >= 0;
    *ret = (struct io_message){.call = call,
                               .out = out,
                               .buffer = call->args[1],
                               .len = out ? io->out_bytes : io->in_bytes};
    switch ((enum syscall_moves)row->io.moves) {
    case MOVES_NOTHING:
    case MOVES_BETWEEN:
    case MOVES_FROM_TASK:
    case MOVES_TO_TASK:
        return false;
    case MOVES_BUFFER:
        take_argument(ret, row);
        return true;
    case MOVES_QUEUED:
        return true;
    case MOVES_IOVECS:
    case MOVES_PAGES:
        ret->n_iov = call->args[2];
        return true;
    case MOVES_MESSAGE:
        return take_header(ret, call->args[1]);
    case MOVES_MESSAGES:
        ret->len = length_of_message(call, i);
        return take_header(ret, message_address(call, i));
    }
    return false;
}

/* ---- content ---- */

struct copying {
    const struct io_message *m;
    struct trace_reader *reader;
    uint64_t skip; /* bytes of the message before those wanted */
    uint8_t *dst;
    size_t len, done;
};

/* Copies what is wanted of a buffer of the message. Less than wanted: the trace has no more. */
static long copy_buffer(struct copying *c, uint64_t addr, uint64_t size)
{
    if (c->skip >= size) {
        c->skip -= size;
        return 0;
    }
    struct call_bytes bytes;
    (c->m->out ? call_bytes_in : call_bytes_out)(c->m->call, addr, size, &bytes);
    uint64_t want = size - c->skip;
    if (want > c->len - c->done)
        want = c->len - c->done;
    if (bytes.range == NULL)
        return 1;
    long n = call_bytes_read(&bytes, c->reader, c->skip, c->dst + c->done, (size_t)want);
    if (n < 0)
        return n;
    c->skip = 0;
    c->done += (size_t)n;
    return (uint64_t)n < want;
}

long io_message_read(const struct io_message *m, struct trace_reader *reader, uint64_t offset,
                     void *dst, size_t len)
{
    if (offset >= m->len)
        return 0;
    uint64_t left = m->len;
    struct copying c = {.m = m, .reader = reader, .skip = offset, .dst = dst, .len = len};
    if (len > left - offset)
        c.len = (size_t)(left - offset);
    long r = 0;
    if (m->n_iov == 0)
        r = copy_buffer(&c, m->buffer, left);
    for (uint64_t i = 0; i < m->n_iov && i < UIO_MAXIOV && left > 0 && c.done < c.len && r == 0;
         i++) {
        struct iovec v;
        if (!take(call_bytes_in, m->call, m->buffer + i * sizeof v, &v, sizeof v))
            break;
        uint64_t size = v.iov_len < left ? v.iov_len : left;
        left -= size;
        if (size > 0)
            r = copy_buffer(&c, (uint64_t)(uintptr_t)v.iov_base, size);
    }
    return r < 0 ? r : (long)c.done;
}

/* Owns the recording of calls inside of recorded tasks. The code is copied there: it refers to
 * nothing outside of its section and touches no vector registers. See CMakeLists.txt for its
 * options. A fault in it (a bad pointer of the program) leads to the slow way, see stub_leave.c. */
#include "recorder/call_stub.h"

#include "task/made_calls.h"
#include "vdso/clock_ring.h"

#include <errno.h>
#include <linux/time_types.h>

#define IN_STUB       __attribute__((section("call_stub"), used))
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* include/uapi/asm/stat.h as far as it is wanted */
struct kernel_stat {
    uint64_t dev, ino, nlink;
    uint32_t mode, rest[29];
};
#define FILE_TYPE    0170000 /* S_IFMT and S_IFREG, inode(7) */
#define REGULAR_FILE 0100000
_Static_assert(sizeof(struct kernel_stat) == 144, "struct stat of the kernel");

struct noting {
    struct call_data *data;
    struct call_record *record;
    uint8_t *at; /* where the next piece goes */
};

ALWAYS_INLINE void copy(uint8_t *to, const uint8_t *from, uint64_t len)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

ALWAYS_INLINE uint64_t room(const struct noting *n)
{
    return (uint64_t)(n->data->records + CALL_RECORDS_SIZE - n->at);
}

ALWAYS_INLINE bool add_piece(struct noting *n, uint64_t addr, uint64_t len, uint8_t *count)
{
    if (addr == 0 || len == 0)
        return true;
    if (len > CALL_RECORDS_SIZE || sizeof(struct call_piece) + CALL_PADDED(len) > room(n))
        return false;
    struct call_piece *piece = (void *)n->at;
    piece->addr = addr;
    piece->len = len;
    copy(piece->data, (const uint8_t *)addr, len);
    n->at = piece->data + CALL_PADDED(len);
    ++*count;
    return true;
}

ALWAYS_INLINE bool add_string(struct noting *n, uint64_t addr, uint64_t most)
{
    if (addr == 0)
        return true;
    if (sizeof(struct call_piece) + CALL_PADDED(most) > room(n))
        return false;
    struct call_piece *piece = (void *)n->at;
    const char *from = (const char *)addr;
    uint64_t len = 0;
    while (len < most) {
        piece->data[len] = (uint8_t)from[len];
        if (from[len++] == '\0')
            break;
    }
    piece->addr = addr;
    piece->len = len;
    n->at = piece->data + CALL_PADDED(len);
    n->record->n_in++;
    return true;
}

ALWAYS_INLINE uint64_t count_of(const struct plain_copy *c, const uint64_t *args)
{
    uint64_t n = args[c->count];
    if (!c->count_is_int)
        return n;
    return (int32_t)n < 0 ? 0 : (uint32_t)n;
}

/* UINT64_MAX: more than can be. */
ALWAYS_INLINE uint64_t offered(const struct plain_copy *c, const uint64_t *args)
{
    if (c->len == PLAIN_FIXED)
        return c->size;
    uint64_t n = count_of(c, args);
    return n > (uint64_t)1 << 40 ? UINT64_MAX : n * c->size;
}

/* The program's own code as it would not have it, unless the recorder sees to that. */
ALWAYS_INLINE bool is_changed_code(const struct call_data *d, uint64_t addr, uint64_t len)
{
    for (uint32_t i = 0; i < d->n_codes && i < CALL_CODES; i++)
        if (addr < d->codes[i].end && addr + len > d->codes[i].start)
            return true;
    return false;
}

ALWAYS_INLINE bool note_in(struct noting *n, const struct plain_call *call)
{
    const uint64_t *args = n->record->args;
    for (uint32_t i = 0; i < call->n; i++) {
        const struct plain_copy *c = &call->copies[i];
        bool ok = true;
        if (c->len == PLAIN_VALUE_RESULT)
            ok = add_piece(n, args[c->count], sizeof(uint32_t), &n->record->n_in);
        else if (c->in && c->len == PLAIN_STRING)
            ok = add_string(n, args[c->arg], c->size);
        else if (c->in && c->len == PLAIN_COUNT &&
                 is_changed_code(n->data, args[c->arg], offered(c, args)))
            ok = false;
        else if (c->in)
            ok = add_piece(n, args[c->arg], offered(c, args), &n->record->n_in);
        if (!ok)
            return false;
    }
    return true;
}

ALWAYS_INLINE bool is_error(int64_t result)
{
    return result < 0 && result >= -4095;
}

ALWAYS_INLINE bool applies(uint8_t when, int64_t result)
{
    if (result == -EFAULT)
        return true;
    if (when == PLAIN_WHEN_DONE)
        return !is_error(result);
    if (when == PLAIN_WHEN_POSITIVE)
        return !is_error(result) && result != 0;
    if (when == PLAIN_WHEN_TRIED)
        return result != -ENOTTY && result != -EBADF && result != -ENOSYS;
    return true;
}

/* As syscall_written() does it: syscalls/syscall_ranges.c, written_elements(). */
ALWAYS_INLINE uint64_t elements_len(const struct plain_copy *c, const uint64_t *args,
                                    int64_t result)
{
    const uint64_t page = 4096, most_dirent = 280;
    uint64_t addr = args[c->arg], most = offered(c, args);
    uint64_t len = (uint64_t)result * c->size;
    if (len > most)
        len = most;
    uint64_t last = len + (c->len == PLAIN_DIRENTS ? most_dirent : c->size);
    if (last > most)
        last = most;
    uint64_t end = (addr + len + page - 1) / page * page;
    return end < addr + last ? end - addr : len;
}

ALWAYS_INLINE bool note_value_result(struct noting *n, const struct plain_copy *c)
{
    const uint64_t *args = n->record->args;
    const struct call_piece *before = (const void *)(n->record + 1);
    uint32_t offered_len = *(const uint32_t *)before->data;
    uint32_t len = *(const uint32_t *)args[c->count];
    return n->record->n_in == 1 &&
           add_piece(n, args[c->count], sizeof(uint32_t), &n->record->n_out) &&
           add_piece(n, args[c->arg], len < offered_len ? len : offered_len, &n->record->n_out);
}

ALWAYS_INLINE bool note_out(struct noting *n, const struct plain_call *call, int64_t result)
{
    const uint64_t *args = n->record->args;
    for (uint32_t i = 0; i < call->n; i++) {
        const struct plain_copy *c = &call->copies[i];
        if (!c->out)
            continue;
        uint64_t len;
        if (c->len == PLAIN_READ && is_error(result)) {
            if (result != -EAGAIN && result != -EBADF && result != -EISDIR && result != -EINVAL)
                return false; /* part of it may be there */
            continue;
        }
        if (!applies(c->when, result))
            continue;
        if (is_error(result))
            return false;
        if (c->len == PLAIN_VALUE_RESULT) {
            if (args[c->count] != 0 && !note_value_result(n, c))
                return false;
            continue;
        }
        if (c->len == PLAIN_READ)
            len = (uint64_t)result;
        else if (c->len == PLAIN_RESULT || c->len == PLAIN_DIRENTS)
            len = elements_len(c, args, result);
        else
            len = offered(c, args);
        if (!add_piece(n, args[c->arg], len, &n->record->n_out))
            return false;
    }
    return true;
}

/* ---- descriptors ---- */

/* include/uapi/asm-generic/poll.h */
struct pollfd {
    int32_t fd;
    int16_t events, revents;
};
#define POLLIN  1
#define POLLOUT 4
/* What a pipe or socket that can be written to takes without waiting: pipe(7), PIPE_BUF. */
#define SMALL_WRITE 4096

ALWAYS_INLINE bool is_ready(uint32_t fd, int16_t events)
{
    struct pollfd p = {.fd = (int32_t)fd, .events = events};
    return call_stub_own_call(NR_POLL, (uint64_t)&p, 1, 0) == 1;
}

ALWAYS_INLINE bool fd_allows(const struct call_data *d, uint64_t arg, bool write, uint64_t len)
{
    uint32_t fd = (uint32_t)arg;
    if (fd >= CALL_FDS)
        return false;
    uint8_t known = d->fds[fd];
    if (write && (known & CALL_FD_WRITE_PLAIN) == 0)
        return false;
    if ((known & CALL_FD_NEVER_WAITS) != 0)
        return true;
    return (known & CALL_FD_MAY_POLL) != 0 && (!write || len <= SMALL_WRITE) &&
           is_ready(fd, write ? POLLOUT : POLLIN);
}

ALWAYS_INLINE bool fds_allow(const struct call_data *d, const struct plain_call *call,
                             const uint64_t *args)
{
    uint32_t either = call->reads_fd | call->writes_fd;
    for (uint32_t i = 0; either >> i != 0; i++) {
        bool write = (call->writes_fd >> i & 1) != 0;
        if ((either >> i & 1) != 0 && !fd_allows(d, args[i], write, args[2]))
            return false;
    }
    return true;
}

/* The caller knows by its own table what leads elsewhere now; here only what was known counts. */
ALWAYS_INLINE void forget_closed(struct call_data *d, const struct plain_call *call,
                                 const uint64_t *args)
{
    for (uint32_t i = 0; call->closes_fd >> i != 0; i++)
        if ((call->closes_fd >> i & 1) != 0 && (uint32_t)args[i] < CALL_FDS)
            d->fds[(uint32_t)args[i]] = 0;
}

ALWAYS_INLINE void know_new(struct call_data *d, const struct plain_call *call, int64_t result)
{
    if (!call->returns_fd || result < 0 || result >= CALL_FDS)
        return;
    d->fds[result] = 0;
    struct kernel_stat st;
    if (!call->opens || call_stub_own_call(NR_FSTAT, (uint64_t)result, (uint64_t)&st, 0) != 0 ||
        (st.mode & FILE_TYPE) != REGULAR_FILE)
        return;
    for (uint32_t i = 0; i < d->n_devices && i < CALL_DEVICES; i++)
        if (d->devices[i] == st.dev) {
            d->fds[result] = CALL_FD_NEVER_WAITS;
            d->fds_used = 1;
        }
}

/* ---- the call ---- */

ALWAYS_INLINE const struct plain_call *find_call(const struct call_data *d,
                                                 const struct stub_regs *regs)
{
    uint64_t nr = (uint32_t)regs->rax;
    const struct call_table *table = &d->table;
    if (nr >= CALL_NUMBERS || table->row_of[nr] == 0)
        return (const void *)0;
    uint32_t row = table->row_of[nr];
    if (row == CALL_BY_COMMAND) {
        uint32_t i = 0;
        while (i < table->n_commands &&
               (table->commands[i].nr != nr || table->commands[i].value != (uint32_t)regs->rsi))
            i++;
        if (i == table->n_commands)
            return (const void *)0;
        row = table->commands[i].row;
    }
    return &table->rows[row];
}

ALWAYS_INLINE uint64_t now(void)
{
    struct __kernel_timespec ts;
    call_stub_own_call(NR_CLOCK_GETTIME, 1 /* CLOCK_MONOTONIC */, (uint64_t)&ts, 0);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

ALWAYS_INLINE bool begin(struct noting *n, const struct stub_regs *regs, struct call_data *d,
                         const struct plain_call *call)
{
    uint64_t at = (uint32_t)d->position;
    n->data = d;
    n->record = (void *)(d->records + at);
    n->at = d->records + at + sizeof *n->record;
    if (at + sizeof *n->record > CALL_RECORDS_SIZE)
        return false;
    uint64_t *args = n->record->args;
    args[0] = regs->rdi;
    args[1] = regs->rsi;
    args[2] = regs->rdx;
    args[3] = regs->r10;
    args[4] = regs->r8;
    args[5] = regs->r9;
    n->record->nr = (uint16_t)regs->rax;
    n->record->ip = regs->rcx;
    n->record->n_in = n->record->n_out = 0;
    n->record->clock_reads = ((const struct clock_ring *)CLOCK_RING_ADDR)->n;
    d->r10 = args[3];
    d->tried = call->tries && (int32_t)args[3] != 0;
    if (d->tried)
        d->r10 = 0;
    return (args[call->barred_arg] & call->barred) == 0 && note_in(n, call) &&
           fds_allow(d, call, args);
}

IN_STUB int call_stub_answer(struct stub_regs *regs, struct call_data *d)
{
    struct noting n;
    d->site = regs->rcx;
    if (d->lap_ends) {
        d->lap_ends = 0;
        d->position = ((d->position >> 32) + 1) << 32;
    }
    d->old_position = d->position;
    d->partial = 0;
    const struct plain_call *call = find_call(d, regs);
    if (call == (const void *)0 || d->off != 0 || d->slow != 0 || !begin(&n, regs, d, call)) {
        d->phase = CALL_SLOW;
        d->lap_ends = 1;
        return CALL_ANSWER_SLOW;
    }
    n.record->size = d->partial = (uint32_t)(n.at - (uint8_t *)n.record);
    forget_closed(d, call, n.record->args);
    n.record->begun = now();
    call_stub_make(d);
    int64_t result = (int64_t)d->result;
    n.record->ended = now();
    n.record->result = result;
    if (d->tried != 0 && result == 0) {
        d->phase = CALL_SLOW;
        d->lap_ends = 1;
        return CALL_ANSWER_SLOW;
    }
    know_new(d, call, result);
    if (!note_out(&n, call, result))
        return CALL_ANSWER_LOOK;
    n.record->size = (uint32_t)(n.at - (uint8_t *)n.record);
    regs->rax = (uint64_t)result;
    __asm__ volatile("" : : : "memory"); /* the record is whole before it is counted */
    d->position += n.record->size;
    return CALL_ANSWER_DONE;
}

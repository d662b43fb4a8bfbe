/* Owns the way of calls from the stub's buffer into the trace: each becomes an event as if it had
 * stopped. What went in and out is told by the one table of calls, which looks at the record
 * instead of the task's memory. */
#include "recorder/stub_calls.h"

#include "base/clock.h"
#include "recorder/call_table.h"
#include "recorder/clock_reads.h"
#include "recorder/code_patches.h"
#include "recorder/emit.h"
#include "recorder/fd_class.h"
#include "recorder/handed.h"
#include "recorder/proc_status.h"
#include "vdso/clock_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define USES   1    /* slow ones of a descriptor before it is looked at */
#define LIKELY 1024 /* bytes of records that are read along with the head */

/* What of the data is read at each stop. */
#define HEAD_SIZE offsetof(struct call_data, off)
/* What is written, by stretches. */
#define FLAGS_AT (CALL_DATA + offsetof(struct call_data, off))
#define FDS_AT   (CALL_DATA + offsetof(struct call_data, fds))
#define RECORDS  (CALL_DATA + offsetof(struct call_data, records))

struct stub_calls {
    struct call_table table;
    uint32_t n_devices;
    uint64_t devices[CALL_DEVICES];
    uint64_t now; /* CLOCK_MONOTONIC, as of the last look at records */
    struct syscall_call call;
    struct syscall_ranges in, out;
    _Alignas(8) uint8_t records[CALL_RECORDS_SIZE];
};

/* ---- setting up ---- */

static void add_device(struct stub_calls *s, uint64_t dev)
{
    for (uint32_t i = 0; i < s->n_devices; i++)
        if (s->devices[i] == dev)
            return;
    if (s->n_devices < CALL_DEVICES)
        s->devices[s->n_devices++] = dev;
}

static void add_device_of(struct recorder *r, const char *path)
{
    uint64_t dev;
    if (fd_class_is_plain_device(r, path, &dev))
        add_device(r->stub_calls, dev);
}

int stub_calls_new(struct recorder *r)
{
    if (!r->filters_calls || r->options->paranoid || r->options->no_patch)
        return 0;
    struct stub_calls *s = r->stub_calls = calloc(1, sizeof *s);
    if (s == NULL)
        return -ENOMEM;
    call_table_make(&s->table);
    add_device_of(r, "/");
    add_device_of(r, "/usr");
    add_device_of(r, "/tmp");
    add_device_of(r, ".");
    return 0;
}

void stub_calls_free(struct recorder *r)
{
    struct stub_calls *s = r->stub_calls;
    if (s == NULL)
        return;
    syscall_call_done(&s->call);
    syscall_ranges_done(&s->in);
    syscall_ranges_done(&s->out);
    free(s);
    r->stub_calls = NULL;
}

static bool put(const struct task *t, uint64_t addr, const void *bytes, size_t len)
{
    return tracee_write_user(t->tid, addr, bytes, len) == 0;
}

static bool put_devices(struct recorder *r, struct task *t)
{
    const struct stub_calls *s = r->stub_calls;
    t->space->stub.n_devices = s->n_devices;
    return put(t, CALL_DATA + offsetof(struct call_data, devices), s->devices, sizeof s->devices) &&
           put(t, CALL_DATA + offsetof(struct call_data, n_devices), &s->n_devices,
               sizeof s->n_devices);
}

bool stub_calls_fill(struct recorder *r, struct task *t)
{
    struct stub_state *state = &t->space->stub;
    size_t code = (size_t)(__stop_call_stub - __start_call_stub);
    if (!put(t, CALL_STUB_CODE, __start_call_stub, code) ||
        !put(t, CALL_DATA + offsetof(struct call_data, table), &r->stub_calls->table,
             sizeof r->stub_calls->table) ||
        !put_devices(r, t))
        return false;
    state->there = state->mapped = true;
    state->fds_generation = r->fds_generation;
    return true;
}

/* ---- one record ---- */

struct record_memory {
    const uint8_t *pieces, *end;
    uint32_t n; /* pieces of which bytes are wanted */
    struct task *t;
    bool live; /* what is not there is read from the task */
};

/* The bytes at addr, and how many. */
static const uint8_t *find_bytes(const struct record_memory *m, uint64_t addr, uint64_t *ret_len)
{
    const uint8_t *p = m->pieces;
    for (uint32_t i = 0; i < m->n; i++) {
        const struct call_piece *piece = (const void *)p;
        uint64_t skip = addr - piece->addr;
        if (skip < piece->len) {
            *ret_len = piece->len - skip;
            return piece->data + skip;
        }
        p = piece->data + CALL_PADDED(piece->len);
    }
    return NULL;
}

static long read_record(void *ctx, uint64_t addr, void *dst, size_t len)
{
    const struct record_memory *m = ctx;
    uint64_t there;
    const uint8_t *bytes = find_bytes(m, addr, &there);
    if (bytes == NULL)
        return m->live ? tracee_read(m->t->tid, addr, dst, len) : -EFAULT;
    if (len > there)
        len = there;
    memcpy(dst, bytes, len);
    return (long)len;
}

/* No call of the stub's is on a descriptor with O_DIRECT. */
static int no_flags(void *ctx, int fd)
{
    (void)ctx;
    (void)fd;
    return 0;
}

/* Where the first n of the record's pieces end; NULL: not within it. */
static const uint8_t *skip_pieces(const struct call_record *c, const uint8_t *p, uint32_t n)
{
    const uint8_t *end = (const uint8_t *)c + c->size;
    while (n-- > 0) {
        const struct call_piece *piece = (const void *)p;
        if ((size_t)(end - p) < sizeof *piece || piece->len > (uint64_t)(end - piece->data) ||
            CALL_PADDED(piece->len) > (uint64_t)(end - piece->data))
            return NULL;
        p = piece->data + CALL_PADDED(piece->len);
    }
    return p;
}

static void lost(struct recorder *r, const struct task *t, const struct call_record *c)
{
    recorder_give_up(r, EPROTO, "process %d: what call %u of the stub touched is not in its record",
                     (int)t->pid, c->nr);
}

static bool fill_in(struct recorder *r, struct task *t, const struct call_record *c,
                    struct record_memory *m, Reprise__Syscall *s)
{
    struct stub_calls *own = r->stub_calls;
    struct syscall_memory memory = {.read = read_record, .fd_flags = no_flags, .ctx = m};
    struct emit_list in = {0};
    own->in.n = 0;
    m->n = c->n_in;
    m->live = false;
    if (syscall_handed(&own->call, &memory, &own->in) < 0)
        return false;
    for (size_t i = 0; i < own->in.n; i++) {
        const struct syscall_range *range = &own->in.v[i];
        uint64_t there = 0;
        const uint8_t *bytes = find_bytes(m, range->addr, &there);
        if (bytes == NULL || there < range->len) {
            lost(r, t, c);
            return false;
        }
        emit_push(r, &in, handed_range(r, range, bytes));
    }
    s->in = (Reprise__Range **)in.v;
    s->n_in = in.n;
    return true;
}

static bool fill_out(struct recorder *r, struct task *t, const struct call_record *c,
                     struct record_memory *m, bool live, Reprise__Syscall *s)
{
    struct stub_calls *own = r->stub_calls;
    struct syscall_memory memory = {.read = read_record, .fd_flags = no_flags, .ctx = m};
    struct emit_list out = {0};
    own->out.n = 0;
    m->pieces = skip_pieces(c, m->pieces, c->n_in);
    m->n = live ? 0 : c->n_out;
    m->live = live;
    if (syscall_written(&own->call, &memory, &own->out) < 0)
        return false;
    for (size_t i = 0; i < own->out.n; i++) {
        const struct syscall_range *range = &own->out.v[i];
        uint64_t there = 0;
        const uint8_t *bytes = find_bytes(m, range->addr, &there);
        Reprise__Range *e = NULL;
        if (live)
            e = emit_memory(r, t->tid, range->addr, range->len);
        else if (bytes != NULL && there >= range->len)
            e = emit_bytes(r, range->addr, bytes, range->len);
        if (e != NULL) {
            emit_push(r, &out, e);
        } else if (!live) {
            lost(r, t, c);
            return false;
        }
    }
    s->out = (Reprise__Range **)out.v;
    s->n_out = out.n;
    return true;
}

/* What the recorder itself has to know of the call. */
static void note_effects(struct task *t, const struct syscall_row *row, const Reprise__Syscall *s)
{
    if ((row->flags & SYSCALL_CHANGES_FDS) != 0)
        fd_class_forget(t);
    if ((s->nr == SYS_openat || s->nr == SYS_open) && s->result >= 0 && s->n_in > 0)
        proc_status_opened(t, s->in[0]->data.data, s->in[0]->data.len, s->result);
    t->signal_imminent = false;
}

/* On the recorder's clock; 0: it cannot be so, for the program has another clock (time namespaces),
 * or has written there. */
static uint64_t time_of(const struct recorder *r, uint64_t clock)
{
    return clock > r->clock_base && clock <= r->stub_calls->now ? clock - r->clock_base : 0;
}

static void log_record(struct recorder *r, struct task *t, const struct call_record *c, bool live)
{
    struct stub_calls *own = r->stub_calls;
    const struct syscall_row *row = syscall_row(c->nr);
    const uint8_t *pieces = (const uint8_t *)(c + 1);
    const uint8_t *out_pieces = skip_pieces(c, pieces, c->n_in);
    if (row == NULL || out_pieces == NULL ||
        (!live && skip_pieces(c, out_pieces, c->n_out) == NULL)) {
        recorder_give_up(r, EPROTO, "process %d wrote where the recorder keeps its own",
                         (int)t->pid);
        return;
    }
    clock_reads_log_before(r, t, c->clock_reads, time_of(r, c->begun));
    own->call.nr = c->nr;
    own->call.result = c->result;
    memcpy(own->call.args, c->args, sizeof c->args);
    struct record_memory m = {.pieces = pieces, .t = t};
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.nr = c->nr;
    s.ip = c->ip;
    s.args = own->call.args;
    s.n_args = row->nargs;
    s.result = c->result;
    s.duration = c->ended > c->begun ? c->ended - c->begun : 0;
    if (!fill_in(r, t, c, &m, &s) || !fill_out(r, t, c, &m, live, &s))
        return;
    note_effects(t, row, &s);
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.time = time_of(r, c->ended);
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    emit_event(r, t, &e);
}

void stub_calls_log_made(struct recorder *r, struct task *t, uint32_t at, uint32_t len,
                         int64_t result)
{
    struct call_record *c = (void *)r->stub_calls->records;
    if (len < sizeof *c || len > CALL_RECORDS_SIZE || at > CALL_RECORDS_SIZE - len ||
        tracee_read_all(t->tid, RECORDS + at, c, len) < 0)
        return;
    c->size = len;
    c->result = result;
    c->ended = r->stub_calls->now = clock_ns(CLOCK_MONOTONIC);
    log_record(r, t, c, true);
}

bool stub_calls_make(const struct recorder *r, int64_t nr)
{
    return r->stub_calls != NULL && nr >= 0 && nr < CALL_NUMBERS &&
           r->stub_calls->table.row_of[nr] != 0;
}

/* ---- the buffer ---- */

/* The head, and at *ret_records the records that are new. False: the task is gone. */
static bool read_news(struct recorder *r, struct task *t, uint8_t *head,
                      const uint8_t **ret_records, size_t *ret_len)
{
    struct stub_state *state = &t->space->stub;
    uint8_t *records = r->stub_calls->records;
    uint32_t expected = state->lap_ends ? 0 : state->read;
    size_t likely = CALL_RECORDS_SIZE - expected;
    if (likely > LIKELY)
        likely = LIKELY;
    struct iovec remote[] = {
        {.iov_base = (void *)CALL_DATA, .iov_len = HEAD_SIZE},
        {.iov_base = (void *)(RECORDS + expected), .iov_len = likely},
    };
    struct iovec local[] = {
        {.iov_base = head, .iov_len = HEAD_SIZE},
        {.iov_base = records + expected, .iov_len = likely},
    };
    if (process_vm_readv(t->tid, local, 2, remote, 2, 0) < (ssize_t)HEAD_SIZE)
        return false;
    uint64_t position;
    memcpy(&position, head, sizeof position);
    uint32_t lap = (uint32_t)(position >> 32), end = (uint32_t)position;
    if (lap != state->lap)
        state->read = 0;
    state->lap = lap;
    if (end < state->read || end > CALL_RECORDS_SIZE)
        return false;
    size_t len = end - state->read;
    bool all = state->read == expected && len <= likely;
    if (len > 0 && !all &&
        tracee_read_all(t->tid, RECORDS + state->read, records + state->read, len) < 0)
        return false;
    *ret_records = records + state->read;
    *ret_len = len;
    return true;
}

/* Returns how many bytes of records there were. */
static size_t log_news(struct recorder *r, struct task *t)
{
    struct stub_state *state = &t->space->stub;
    uint8_t head[HEAD_SIZE];
    const uint8_t *records;
    size_t len;
    if (!read_news(r, t, head, &records, &len))
        return 0;
    size_t all = len;
    if (len > 0)
        r->stub_calls->now = clock_ns(CLOCK_MONOTONIC);
    memcpy(&state->site, head + offsetof(struct call_data, site), sizeof state->site);
    state->fds_used = head[offsetof(struct call_data, fds_used)] != 0;
    state->lap_ends = head[offsetof(struct call_data, lap_ends)] != 0;
    while (len > 0 && r->give_up == 0) {
        const struct call_record *c = (const void *)records;
        if (len < sizeof *c || c->size < sizeof *c || c->size > len || c->size % 8 != 0) {
            recorder_give_up(r, EPROTO, "process %d wrote where the recorder keeps its own",
                             (int)t->pid);
            return 0;
        }
        log_record(r, t, c, false);
        records += c->size;
        len -= c->size;
        state->read += c->size;
    }
    return all;
}

bool stub_calls_log(struct recorder *r, struct task *t)
{
    return t->space->stub.mapped && log_news(r, t) > 0;
}

void stub_calls_sweep(struct recorder *r)
{
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (t->space != NULL && t->space->stub.mapped && t->group->holder == t &&
            t->state == TASK_USER && !t->call.active && !t->call.restarting && !t->in_exec)
            (void)log_news(r, t);
}

/* ---- telling the stub ---- */

bool stub_calls_at_entry(struct task *t, struct user_regs_struct *regs)
{
    if (!t->space->stub.mapped || regs->rip != call_stub_at(call_stub_slow))
        return false;
    regs->rip = regs->rcx = t->stub_site != 0 ? t->stub_site : t->space->stub.site;
    t->stub_site = 0;
    (void)tracee_set_regs(t->tid, regs);
    return true;
}

void stub_calls_restart_elsewhere(struct task *t, struct user_regs_struct *regs)
{
    if (!t->space->stub.there || !code_patches_are_at(t, regs->rip - 2))
        return;
    regs->rip = call_stub_at(call_stub_slow);
    (void)tracee_set_regs(t->tid, regs);
}

bool stub_calls_restarts_here(struct task *t, struct user_regs_struct *regs)
{
    if (!t->space->stub.there || regs->rip != call_stub_at(call_stub_slow))
        return false;
    regs->rip = t->call.regs.rip;
    regs->rcx = t->call.regs.rip;
    (void)tracee_set_regs(t->tid, regs);
    return true;
}

static void put_flags(struct task *t, bool off, bool slow)
{
    struct stub_state *state = &t->space->stub;
    uint32_t words[2] = {off, slow};
    if (put(t, FLAGS_AT, words, sizeof words)) {
        state->off = off;
        state->slow = slow;
    }
}

static void put_forgotten(struct recorder *r, struct task *t)
{
    struct stub_state *state = &t->space->stub;
    static const uint8_t nothing[CALL_FDS];
    bool out_of_date = state->forget_fds || state->fds_generation != r->fds_generation;
    if (out_of_date && (!state->fds_used || put(t, FDS_AT, nothing, sizeof nothing))) {
        state->forget_fds = state->fds_used = false;
        state->forget_some = 0;
        state->fds_generation = r->fds_generation;
    }
    for (uint64_t fd = 0; fd < CALL_FDS && state->forget_some >> fd != 0 && state->fds_used; fd++)
        if ((state->forget_some >> fd & 1) != 0)
            (void)put(t, FDS_AT + fd, nothing, 1);
    state->forget_some = 0;
}

static void put_known(struct task *t)
{
    struct stub_state *state = &t->space->stub;
    static const uint32_t yes = 1;
    if (put(t, FDS_AT + (uint64_t)state->fd_to_know, &state->known, 1) &&
        put(t, CALL_DATA + offsetof(struct call_data, fds_used), &yes, sizeof yes))
        state->fds_used = true;
    state->known = 0;
}

static void put_codes(struct task *t)
{
    struct call_code codes[CALL_CODES] = {{0, 0}};
    uint32_t n = (uint32_t)code_patches_changed(t, codes, CALL_CODES);
    if (put(t, CALL_DATA + offsetof(struct call_data, codes), codes, sizeof codes) &&
        put(t, CALL_DATA + offsetof(struct call_data, n_codes), &n, sizeof n))
        t->space->stub.tell_codes = false;
}

void stub_calls_before_run(struct recorder *r, struct task *t)
{
    struct stub_state *state = &t->space->stub;
    if (!state->mapped || t->in_exec)
        return;
    bool off = state->stays_off || t->filtered || t->strict || t->traced != NULL;
    bool slow = t->held != NULL;
    if (off != state->off || slow != state->slow)
        put_flags(t, off, slow);
    put_forgotten(r, t);
    if (state->known != 0)
        put_known(t);
    if (state->tell_codes)
        put_codes(t);
    if (state->n_devices != r->stub_calls->n_devices)
        (void)put_devices(r, t);
}

void stub_calls_stop_next(struct task *t)
{
    if (t->space->stub.mapped && !t->space->stub.slow)
        put_flags(t, t->space->stub.off, true);
}

void stub_calls_touch(struct task *t, uint64_t addr, uint64_t len)
{
    uint64_t end = len > UINT64_MAX - addr ? UINT64_MAX : addr + len;
    code_patches_touch(t, addr, len);
    if (addr >= VDSO_ADDR + VDSO_SIZE + CLOCK_RING_SIZE || end <= CALL_DATA)
        return;
    code_patches_touch(t, 0, UINT64_MAX);
    t->space->stub.mapped = t->space->stub.there = false;
}

void stub_calls_turn_off(struct task *t)
{
    code_patches_drop(t);
    t->space->stub.stays_off = true;
}

void stub_calls_know_fd(struct recorder *r, struct task *t, uint64_t fd, bool written)
{
    struct stub_state *state = &t->space->stub;
    if (!state->mapped || state->off || fd >= CALL_FDS || state->slow_uses[fd]++ < USES)
        return;
    uint64_t dev = 0;
    enum fd_ease ease = fd_class_ease(r, t, fd, &dev);
    if (ease == FD_EASE_NONE || (written && fd_class_of(r, t, fd) != FD_PLAIN))
        return;
    if (dev != 0)
        add_device(r->stub_calls, dev);
    state->fd_to_know = (int32_t)fd;
    state->known = ease == FD_EASE_NEVER_WAITS ? CALL_FD_NEVER_WAITS : CALL_FD_MAY_POLL;
    state->known |= written ? CALL_FD_WRITE_PLAIN : 0;
}

/* Descriptors that are only made lead where none did before, and of those nothing is known. */
static bool only_makes_fds(const struct syscall_call *c)
{
    switch (c->nr) {
    case SYS_accept:
    case SYS_accept4:
    case SYS_recvmsg:
    case SYS_recvmmsg:
    case SYS_open:
    case SYS_openat:
    case SYS_openat2:
    case SYS_pipe:
    case SYS_pipe2:
    case SYS_socket:
    case SYS_socketpair:
        return true;
    default:
        return false;
    }
}

void stub_calls_fds_changed(struct task *t)
{
    struct stub_state *state = &t->space->stub;
    const struct syscall_call *c = &t->call.call;
    bool one = c->nr == SYS_close || c->nr == SYS_fcntl || c->nr == SYS_ioctl;
    if (one && c->args[0] < CALL_FDS) {
        if ((uint64_t)state->fd_to_know == c->args[0])
            state->known = 0;
        state->slow_uses[c->args[0]] = 0;
        state->forget_some |= 1ull << c->args[0];
    } else if (!one && !only_makes_fds(c)) {
        stub_calls_forget_fds(t);
    }
}

void stub_calls_forget_mapped(struct recorder *r)
{
    static const uint8_t nothing[CALL_FDS];
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (t->space != NULL && t->space->stub.mapped &&
            t->space->stub.fds_generation != r->fds_generation &&
            put(t, FDS_AT, nothing, sizeof nothing))
            t->space->stub.fds_generation = r->fds_generation;
}

void stub_calls_forget_fds(struct task *t)
{
    t->space->stub.forget_fds = true;
    t->space->stub.known = 0;
    memset(t->space->stub.slow_uses, 0, sizeof t->space->stub.slow_uses);
}

bool stub_calls_is_silent_call(const struct task *t)
{
    struct user_regs_struct regs;
    return t->space->stub.mapped && tracee_get_regs(t->tid, &regs) == 0 &&
           (regs.rip == call_stub_at(call_stub_made) || regs.rip == call_stub_at(call_stub_own));
}

bool stub_calls_owns(const struct task *t, uint64_t addr)
{
    return t->space->stub.there && addr - CALL_DATA < CALL_DATA_SIZE;
}

bool stub_calls_has_code_at(const struct task *t, uint64_t ip)
{
    return t->space->stub.mapped &&
           (ip - CALL_STUB_CODE < CALL_STUB_CODE_SIZE || code_patches_are_at(t, ip));
}

/* Owns the way from a record of the stub to an event. What went in and out is told by the one table
 * of calls, which looks at the record instead of the task's memory. */
#include "recorder/stub_private.h"

#include "recorder/call_entry.h"
#include "recorder/clock_reads.h"
#include "recorder/emit.h"
#include "recorder/fd_class.h"
#include "recorder/forced_signals.h"
#include "recorder/proc_maps.h"
#include "recorder/proc_status.h"

#include <errno.h>
#include <string.h>

struct record_memory {
    const uint8_t *pieces;
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
        emit_push(r, &in, call_entry_range(r, range, bytes));
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
    if (row->fds == FDS_OPENS && s->result >= 0 && s->n_in > 0) {
        proc_status_opened(t, s->in[0]->data.data, s->in[0]->data.len, s->result);
        proc_maps_opened(t, s->in[0]->data.data, s->in[0]->data.len, s->result);
    }
    if (s->result == 0 && s->n_in > 0)
        forced_signals_at_call(t, s->nr, s->args, s->in[0]->data.data, s->in[0]->data.len);
    t->signals.imminent = false;
}

/* On the recorder's clock; 0: it cannot be so, for the program has another clock (time namespaces),
 * or has written there. */
static uint64_t time_of(const struct recorder *r, uint64_t clock)
{
    return clock > r->clock_base && clock <= r->stub_calls->now ? clock - r->clock_base : 0;
}

void stub_record_log(struct recorder *r, struct task *t, const struct call_record *c, bool live)
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

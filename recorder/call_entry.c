/* Owns the beginning of the event that a call makes: what the program passed and handed over. */
#include "recorder/call_entry.h"

#include <linux/sched.h>
#include <xxhash.h>

Reprise__Range *call_entry_range(struct recorder *r, const struct syscall_range *range,
                                 const uint8_t *bytes)
{
    Reprise__Range *m = emit_alloc(r, sizeof *m);
    reprise__range__init(m);
    m->addr = range->addr;
    m->len = range->len;
    m->kind = range->kind == RANGE_STRING   ? REPRISE__RANGE__KIND__STRING
              : range->kind == RANGE_STRUCT ? REPRISE__RANGE__KIND__STRUCT
                                            : REPRISE__RANGE__KIND__DATA;
    uint64_t keep = range->len;
    if (range->kind == RANGE_DATA && keep > r->options->data_limit)
        keep = r->options->data_limit;
    m->data = (ProtobufCBinaryData){.data = (uint8_t *)bytes, .len = keep};
    if (keep < range->len)
        m->hash = XXH3_64bits(bytes, range->len);
    return m;
}

void call_entry_fill(struct recorder *r, struct task *t, Reprise__Syscall *s)
{
    struct call *c = &t->call;
    s->n_args = c->row != NULL ? c->row->nargs : SYSCALL_MAX_ARGS;
    s->args = c->call.args;
    s->ip = regs_ip(&c->regs);
    struct emit_list in = {0};
    const uint8_t *bytes = c->in.data;
    for (size_t i = 0; i < c->in_ranges.n; i++) {
        const struct syscall_range *range = &c->in_ranges.v[i];
        if (range->len > 0)
            emit_push(r, &in, call_entry_range(r, range, bytes));
        bytes += range->len;
    }
    s->in = (Reprise__Range **)in.v;
    s->n_in = in.n;
}

void call_entry_emit(struct recorder *r, struct task *t, Reprise__Syscall *s, uint64_t time)
{
    s->nr = t->call.call.nr;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.time = time;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = s;
    emit_event(r, t, &e);
}

void call_log_entry(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    if (c->entry_logged)
        return;
    c->entry_logged = true;
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.phase = REPRISE__SYSCALL__PHASE__ENTRY;
    s.child = c->child;
    s.shares_memory = c->child != 0 && (t->birth.clone_flags & CLONE_VM) != 0;
    call_entry_fill(r, t, &s);
    call_entry_emit(r, t, &s, recorder_now(r));
}

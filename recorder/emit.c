/* Owns the memory of the event being built: a few blocks that are kept from event to event. */
#include "recorder/emit.h"

#include "base/no_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE   (256 * 1024)
#define INLINE_LIMIT (32 * 1024) /* longer ones become blobs */

struct block {
    struct block *next;
    size_t used, size;
    _Alignas(16) unsigned char data[];
};

struct emit {
    struct block *blocks; /* the first one has BLOCK_SIZE and stays */
    struct buf xstate;
};

static void *must(void *p)
{
    if (p == NULL)
        no_memory();
    return p;
}

static struct block *block_new(size_t size)
{
    struct block *b = must(malloc(sizeof *b + size));
    *b = (struct block){.size = size};
    return b;
}

struct emit *emit_new(void)
{
    struct emit *e = must(calloc(1, sizeof *e));
    e->blocks = block_new(BLOCK_SIZE);
    return e;
}

void emit_free(struct emit *e)
{
    if (e == NULL)
        return;
    for (struct block *b = e->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    buf_done(&e->xstate);
    free(e);
}

static void emit_reset(struct emit *e)
{
    for (struct block *b = e->blocks->next, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    e->blocks->next = NULL;
    e->blocks->used = 0;
}

/* Uninitialised. */
static void *take(struct emit *e, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    struct block *b = e->blocks;
    if (b->size - b->used < size && b->next != NULL)
        b = b->next;
    if (b->size - b->used < size) {
        b = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
        b->next = e->blocks->next;
        e->blocks->next = b;
    }
    void *p = b->data + b->used;
    b->used += size;
    return p;
}

void *emit_alloc(struct recorder *r, size_t size)
{
    return memset(take(r->emit, size), 0, size);
}

void emit_push(struct recorder *r, struct emit_list *l, void *item)
{
    if (l->n == l->cap) {
        size_t cap = l->cap > 0 ? l->cap * 2 : 4;
        void **v = take(r->emit, cap * sizeof *v);
        if (l->n > 0)
            memcpy(v, l->v, l->n * sizeof *v);
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = item;
}

ProtobufCBinaryData emit_copy(struct recorder *r, const void *data, size_t len)
{
    uint8_t *copy = take(r->emit, len);
    memcpy(copy, data, len);
    return (ProtobufCBinaryData){.data = copy, .len = len};
}

ProtobufCBinaryData emit_regs(struct recorder *r, const struct user_regs_struct *regs)
{
    return emit_copy(r, regs, sizeof *regs);
}

ProtobufCBinaryData emit_xstate(struct recorder *r, pid_t tid)
{
    struct buf *x = &r->emit->xstate;
    if (tracee_get_xstate(tid, x) < 0)
        return (ProtobufCBinaryData){0};
    return emit_copy(r, x->data, x->len);
}

static bool is_zero(const uint8_t *p, size_t len)
{
    return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

Reprise__Range *emit_bytes(struct recorder *r, uint64_t addr, const void *data, size_t len)
{
    Reprise__Range *range = take(r->emit, sizeof *range);
    reprise__range__init(range);
    range->addr = addr;
    range->len = len;
    if (len > 16 && is_zero(data, len))
        return range;
    if (len <= INLINE_LIMIT) {
        range->data = (ProtobufCBinaryData){.data = (uint8_t *)data, .len = len};
        return range;
    }
    struct blob_id *id = take(r->emit, sizeof *id);
    int err = trace_writer_blob(r->writer, data, len, id);
    if (err < 0)
        recorder_give_up(r, -err, "cannot write the trace");
    range->blob = (ProtobufCBinaryData){.data = id->bytes, .len = BLOB_ID_SIZE};
    return range;
}

Reprise__Range *emit_memory(struct recorder *r, pid_t tid, uint64_t addr, uint64_t len)
{
    if (len == 0)
        return NULL;
    uint8_t *data = take(r->emit, len);
    long n = tracee_read(tid, addr, data, len);
    if (n <= 0)
        return NULL;
    return emit_bytes(r, addr, data, (size_t)n);
}

void emit_changed_regs(struct recorder *r, const struct user_regs_struct *before,
                       const struct user_regs_struct *after, bool all, Reprise__RegValue ***ret,
                       size_t *ret_n)
{
    struct emit_list list = {0};
    const unsigned long long *old = (const void *)before, *new = (const void *)after;
    for (uint32_t i = 0; i < sizeof *before / sizeof *old; i++) {
        if (old[i] == new[i] || i == REGS_NUMBER || (regs_call_clobbers(i) && !all))
            continue;
        Reprise__RegValue *v = take(r->emit, sizeof *v);
        reprise__reg_value__init(v);
        v->index = i;
        v->value = new[i];
        emit_push(r, &list, v);
    }
    *ret = (Reprise__RegValue **)list.v;
    *ret_n = list.n;
}

void emit_event(struct recorder *r, struct task *t, Reprise__Event *event)
{
    event->task = t->serial;
    if (event->time == 0)
        event->time = recorder_now(r);
    struct group *g = t->group;
    if (event->time <= g->last_time) /* told late, by the program's own clock */
        event->time = g->last_time + 1;
    g->last_time = event->time;
    g->n_points = event->body_case == REPRISE__EVENT__BODY_PREEMPTION ? g->n_points + 1 : 0;
    if (r->last_time < g->last_time)
        r->last_time = g->last_time;
    int err = trace_writer_event(r->writer, t->group->stream, event);
    if (err < 0)
        recorder_give_up(r, -err, "cannot write the trace");
    emit_reset(r->emit);
}

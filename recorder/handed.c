/* Owns what the program hands to the kernel with a call: read at the entry, before anybody can
 * change it, and told in the event. */
#include "recorder/handed.h"

#include "recorder/call_facts.h"
#include "recorder/code_patches.h"
#include "recorder/code_watch.h"

#include <string.h>
#include <xxhash.h>

/* At an entry: what lies there was read a moment ago, or will be wanted again (the path of a call).
 */
static long read_peeking(void *ctx, uint64_t addr, void *dst, size_t len)
{
    struct task *t = ctx;
    struct peek *peek = &t->peek;
    uint64_t skip = addr - peek->addr;
    if (skip < peek->len && len <= peek->len - skip) {
        memcpy(dst, peek->data + skip, len);
        return (long)len;
    }
    long n = tracee_read(t->tid, addr, dst, len);
    if (n > 0 && (size_t)n <= sizeof peek->data) {
        peek->addr = addr;
        peek->len = (size_t)n;
        memcpy(peek->data, dst, (size_t)n);
    }
    return n;
}

/* Copies what the program hands over, before anybody can change it. */
static void copy_handed(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    struct syscall_memory m = call_memory(t);
    struct syscall_ranges *ranges = &c->in_ranges;
    m.read = read_peeking;
    ranges->n = 0;
    buf_clear(&c->in);
    if (c->foreign || syscall_handed(&c->call, &m, ranges) < 0)
        ranges->n = 0;
    for (size_t i = 0; i < ranges->n; i++) { /* it is to hand over its code as it knows it */
        if (code_patches_change(t, ranges->v[i].addr, ranges->v[i].len))
            code_patches_touch(t, ranges->v[i].addr, ranges->v[i].len);
        code_watch_touch(r, t, ranges->v[i].addr, ranges->v[i].len);
    }
    struct iovec remote[TRACEE_MANY];
    uint64_t total = 0;
    for (size_t i = 0; i < ranges->n; i++) {
        if (i < TRACEE_MANY)
            remote[i] = (struct iovec){(void *)ranges->v[i].addr, ranges->v[i].len};
        total += ranges->v[i].len;
    }
    if (total == 0)
        return;
    if (buf_reserve(&c->in, total) < 0)
        ranges->n = 0;
    const struct peek *peek = &t->peek;
    uint64_t skip = ranges->n == 1 ? ranges->v[0].addr - peek->addr : UINT64_MAX;
    if (skip < peek->len && total <= peek->len - skip) {
        memcpy(c->in.data, peek->data + skip, total);
        c->in.len = total;
        return;
    }
    if (ranges->n <= TRACEE_MANY &&
        tracee_read_many(t->tid, remote, ranges->n, c->in.data, total)) {
        c->in.len = total;
        return;
    }
    for (size_t i = 0; i < ranges->n; i++) {
        struct syscall_range *range = &ranges->v[i];
        long n = tracee_read(t->tid, range->addr, c->in.data + c->in.len, range->len);
        range->len = n > 0 ? (uint64_t)n : 0;
        c->in.len += range->len;
    }
}

void handed_take(struct recorder *r, struct task *t)
{
    copy_handed(r, t);
    t->peek.len = 0; /* what is there may change now */
}

/* The first string that the call hands over, as far as the table tells at a glance. */
uint64_t handed_likely_string(const struct call *c)
{
    for (size_t i = 0; c->row != NULL && i < c->row->nargs; i++)
        if (c->row->args[i] == ARG_PATH)
            return c->call.args[i];
    return 0;
}

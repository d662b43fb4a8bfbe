/* Owns the comparison of what a replayed task does with what the recorded one did. */
#include "replayer/verify.h"

#include "replayer/call_sites.h"
#include "replayer/diverge.h"
#include "replayer/task_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define KEPT_MAX ((size_t)1 << 20) /* a larger buffer is not kept for the next call */

static void describe(const struct rtask *t, char *buf, size_t size)
{
    if (t->arrival == ARRIVED_CALL)
        snprintf(buf, size, "syscall %lld at %#llx", (long long)t->entry.nr,
                 (unsigned long long)t->entry.ip);
    else
        snprintf(buf, size, "signal %d at %#llx (address %p)", t->fault.si_signo,
                 (unsigned long long)t->regs.rip, t->fault.si_addr);
}

static int push_handed(struct replayer *r, struct rtask *t, struct handed h)
{
    if (t->n_handed == t->handed_cap) {
        size_t cap = t->handed_cap > 0 ? t->handed_cap * 2 : 8;
        struct handed *v = reallocarray(t->handed, cap, sizeof *v);
        if (v == NULL)
            return err_sys(r->err, ENOMEM, "cannot replay");
        t->handed = v;
        t->handed_cap = cap;
    }
    t->handed[t->n_handed++] = h;
    return 0;
}

static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;
    while (i < len && a[i] == b[i])
        i++;
    return i;
}

/* Makes room for all that the call hands over and reads it in one go if that works. */
static int read_handed(struct replayer *r, struct rtask *t, const Reprise__Syscall *s,
                       bool *ret_read)
{
    struct iovec remote[TRACEE_MANY];
    uint64_t total = 0;
    for (size_t i = 0; i < s->n_in; i++) {
        uint64_t len = s->in[i]->len;
        if (__builtin_add_overflow(total, len, &total) || total > SIZE_MAX / 4)
            return err_set(r->err, EBADMSG, "damaged trace: buffers without end");
        if (i < TRACEE_MANY)
            remote[i] = (struct iovec){(void *)s->in[i]->addr, len};
    }
    buf_clear(&t->handed_bytes);
    if (t->handed_bytes.cap > KEPT_MAX)
        buf_done(&t->handed_bytes);
    t->n_handed = 0;
    int err = budget_allocate(r, total);
    if (err < 0)
        return err;
    if (buf_reserve(&t->handed_bytes, total) < 0)
        return err_sys(r->err, ENOMEM, "cannot check buffers of %llu bytes",
                       (unsigned long long)total);
    *ret_read = s->n_in > 0 && s->n_in <= TRACEE_MANY &&
                tracee_read_many(t->pid, remote, s->n_in, t->handed_bytes.data, total);
    return 0;
}

static int verify_range(struct replayer *r, struct rtask *t, const Reprise__Range *range, bool read)
{
    struct buf *bytes = &t->handed_bytes;
    uint8_t *now = bytes->data + bytes->len;
    bool there = read || tracee_read_all(t->pid, range->addr, now, range->len) == 0 ||
                 (rtask_grow_stack(r, t, range->addr) &&
                  tracee_read_all(t->pid, range->addr, now, range->len) == 0);
    if (!there)
        return diverge(r, t,
                       "it handed over %llu bytes at %#llx when recorded, but has no memory "
                       "there now",
                       (unsigned long long)range->len, (unsigned long long)range->addr);
    call_sites_undo(t, range->addr, now, range->len);
    size_t kept = range->data.len < range->len ? range->data.len : range->len;
    bool same = kept == 0 || memcmp(now, range->data.data, kept) == 0;
    bool hashed = kept < range->len;
    if (!same || (hashed && XXH3_64bits(now, range->len) != range->hash)) {
        size_t at = first_difference(now, range->data.data, kept);
        if (at == kept)
            return diverge(r, t, "the %llu bytes handed over at %#llx differ behind byte %zu",
                           (unsigned long long)range->len, (unsigned long long)range->addr, kept);
        return diverge(r, t,
                       "the %llu bytes handed over at %#llx differ at byte %zu: %#04x expected, "
                       "%#04x came",
                       (unsigned long long)range->len, (unsigned long long)range->addr, at,
                       range->data.data[at], now[at]);
    }
    struct handed h = {.offset = bytes->len,
                       .len = range->len,
                       .is_data = range->kind == REPRISE__RANGE__KIND__DATA};
    bytes->len += range->len;
    return push_handed(r, t, h);
}

int verify_call(struct replayer *r, struct rtask *t, const Reprise__Syscall *s)
{
    if (t->arrival != ARRIVED_CALL || t->entry.nr != s->nr || t->entry.ip != s->ip) {
        char came[128];
        describe(t, came, sizeof came);
        return diverge(r, t, "syscall %lld at %#llx expected, %s came", (long long)s->nr,
                       (unsigned long long)s->ip, came);
    }
    const uint64_t *now = t->entry.args;
    for (size_t i = 0; i < s->n_args && i < 6; i++)
        if (now[i] != s->args[i])
            return diverge(r, t, "argument %zu of syscall %lld: %#llx expected, %#llx came", i + 1,
                           (long long)s->nr, (unsigned long long)s->args[i],
                           (unsigned long long)now[i]);
    bool read = false;
    int err = read_handed(r, t, s, &read);
    for (size_t i = 0; err == 0 && i < s->n_in; i++)
        err = verify_range(r, t, s->in[i], read);
    return err;
}

int verify_fault(struct replayer *r, struct rtask *t, uint32_t signo, uint64_t ip)
{
    if (t->arrival == ARRIVED_FAULT && (uint32_t)t->fault.si_signo == signo && t->regs.rip == ip)
        return 0;
    char came[128];
    describe(t, came, sizeof came);
    return diverge(r, t, "signal %u at %#llx expected, %s came", signo, (unsigned long long)ip,
                   came);
}

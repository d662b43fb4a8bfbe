/* The pieces that walkers and rules are made of: adding ranges, reading the task, keeping values
 * from entry to exit. Knows no single call. */
#include "walk.h"

#include "base/page.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool result_is_error(int64_t result)
{
    return result < 0 && result >= -4095;
}

bool result_is_interrupted(int64_t result)
{
    switch (-result) {
    case EINTR:
    case ERESTARTSYS:
    case ERESTARTNOINTR:
    case ERESTARTNOHAND:
    case ERESTART_RESTARTBLOCK:
        return true;
    }
    return false;
}

bool result_was_tried(int64_t result)
{
    return result != -ENOTTY && result != -EBADF && result != -ENOSYS;
}

bool result_may_be_partial(int64_t result)
{
    if (!result_is_error(result))
        return false;
    if (result_is_interrupted(result))
        return false;
    switch (-result) {
    case EAGAIN:
    case EBADF:
    case ECONNREFUSED:
    case ECONNRESET:
    case EINVAL:
    case EISDIR:
    case ENODATA:
    case ENOENT:
    case ENOSYS:
    case ENOTCONN:
    case ENOTSOCK:
    case ENOTTY:
    case ENXIO:
    case EPERM:
    case EPIPE:
    case ESPIPE:
    case ESRCH:
    case ETIMEDOUT:
        return false;
    }
    return true;
}

/* ---- Adding ---- */

static bool grow(struct walk *w)
{
    struct syscall_ranges *r = w->ranges;
    size_t cap = r->cap ? r->cap * 2 : 16;
    struct syscall_range *v = realloc(r->v, cap * sizeof(*v));

    if (!v) {
        w->err = -ENOMEM;
        return false;
    }
    r->v = v;
    r->cap = cap;
    return true;
}

void walk_add(struct walk *w, uint64_t addr, uint64_t len, enum syscall_range_kind kind)
{
    struct syscall_ranges *r = w->ranges;

    if (len > UINT64_MAX - addr)
        len = UINT64_MAX - addr;
    if (!addr || !len)
        return;
    if (r->n == r->cap && !grow(w))
        return;
    r->v[r->n++] = (struct syscall_range){.addr = addr, .len = len, .kind = kind};
}

/* How many of the len bytes at addr can be read. */
static uint64_t readable(struct walk *w, uint64_t addr, uint64_t len)
{
    uint8_t chunk[4 * PAGE];
    uint64_t done = 0;

    while (done < len) {
        size_t want = len - done < sizeof(chunk) ? (size_t)(len - done) : sizeof(chunk);
        long n = w->m->read(w->m->ctx, addr + done, chunk, want);

        if (n <= 0)
            break;
        done += (uint64_t)n;
        if ((size_t)n < want)
            break;
    }
    return done;
}

void walk_add_readable(struct walk *w, uint64_t addr, uint64_t len)
{
    if (!addr || !len)
        return;
    if (len > MOST_BYTES)
        len = MOST_BYTES;
    walk_add(w, addr, readable(w, addr, len), RANGE_DATA);
}

void walk_add_out(struct walk *w, uint64_t addr, uint64_t len)
{
    if (result_is_error(w->call->result))
        walk_add_readable(w, addr, len);
    else
        walk_add(w, addr, len, RANGE_DATA);
}

void walk_add_string(struct walk *w, uint64_t addr, size_t most)
{
    char chunk[256];
    size_t len = 0;

    if (!addr)
        return;
    while (len < most) {
        size_t want = sizeof(chunk);
        size_t to_page_end = PAGE - (size_t)((addr + len) % PAGE);
        const char *nul;
        long n;

        if (want > to_page_end)
            want = to_page_end;
        if (want > most - len)
            want = most - len;
        n = w->m->read(w->m->ctx, addr + len, chunk, want);
        if (n <= 0)
            break;
        nul = memchr(chunk, 0, (size_t)n);
        if (nul) {
            len += (size_t)(nul - chunk) + 1;
            break;
        }
        len += (size_t)n;
    }
    walk_add(w, addr, len, RANGE_STRING);
}

/* A string of execve may have 32 pages (MAX_ARG_STRLEN); all of them 6 MiB (fs/exec.c). */
void walk_add_strings(struct walk *w, uint64_t addr)
{
    const size_t most_string = (size_t)32 * PAGE, most_total = (size_t)6 << 20;
    uint64_t pointers[64];
    uint64_t count = 0, total = 0;
    size_t array, i, n;
    long got;

    if (!addr)
        return;
    array = w->ranges->n;
    walk_add(w, addr, sizeof(uint64_t), RANGE_STRUCT); /* its length comes at the end */
    for (;;) {
        got = w->m->read(w->m->ctx, addr + count * 8, pointers, sizeof(pointers));
        n = got > 0 ? (size_t)got / 8 : 0;
        for (i = 0; i < n && pointers[i] && total < most_total; i++) {
            size_t before = w->ranges->n;

            walk_add_string(w, pointers[i], most_string);
            total += sizeof(uint64_t);
            if (w->ranges->n > before)
                total += w->ranges->v[before].len;
        }
        count += i;
        if (w->err)
            return;
        if (i < n) {
            count++; /* the NULL */
            break;
        }
        if (n < 64)
            break;
    }
    w->ranges->v[array].len = count * 8;
    if (!count)
        w->ranges->n = array;
}

/* ---- Reading ---- */

bool walk_read(struct walk *w, uint64_t addr, void *dst, size_t len)
{
    if (!addr)
        return false;
    return w->m->read(w->m->ctx, addr, dst, len) == (long)len;
}

bool walk_read_u32(struct walk *w, uint64_t addr, uint32_t *ret)
{
    uint32_t v;

    if (!walk_read(w, addr, &v, sizeof(v)))
        return false;
    *ret = v;
    return true;
}

bool walk_read_u64(struct walk *w, uint64_t addr, uint64_t *ret)
{
    uint64_t v;

    if (!walk_read(w, addr, &v, sizeof(v)))
        return false;
    *ret = v;
    return true;
}

/* ---- Keeping: records of a u32 length and the bytes; length KEPT_NOTHING stands for a failure
 * to read. ---- */

#define KEPT_NOTHING UINT32_MAX

static uint8_t *record_add(struct walk *w, uint32_t mark, size_t len)
{
    struct syscall_call *c = w->save;
    size_t need = c->saved_len + sizeof(mark) + len;
    uint8_t *at;

    if (need > c->saved_cap) {
        size_t cap = c->saved_cap ? c->saved_cap : 256;
        uint8_t *p;

        while (cap < need)
            cap *= 2;
        p = realloc(c->saved, cap);
        if (!p) {
            w->err = -ENOMEM;
            return NULL;
        }
        c->saved = p;
        c->saved_cap = cap;
    }
    at = c->saved + c->saved_len;
    memcpy(at, &mark, sizeof(mark));
    c->saved_len = need;
    return at + sizeof(mark);
}

const void *walk_keep(struct walk *w, uint64_t addr, size_t len)
{
    uint8_t *at;

    assert(w->save && len < KEPT_NOTHING);
    at = record_add(w, (uint32_t)len, len);
    if (!at)
        return NULL;
    if (len && !walk_read(w, addr, at, len)) {
        w->save->saved_len -= sizeof(uint32_t) + len;
        record_add(w, KEPT_NOTHING, 0);
        return NULL;
    }
    return at;
}

const void *walk_kept(struct walk *w, size_t *ret_len)
{
    const struct syscall_call *c = w->call;
    const uint8_t *at;
    uint32_t mark;

    if (c->saved_len - w->cursor < sizeof(mark))
        return NULL;
    at = c->saved + w->cursor;
    memcpy(&mark, at, sizeof(mark));
    w->cursor += sizeof(mark);
    if (mark == KEPT_NOTHING)
        return NULL;
    assert(c->saved_len - w->cursor >= mark);
    w->cursor += mark;
    *ret_len = mark;
    return at + sizeof(mark);
}

bool walk_kept_copy(struct walk *w, void *dst, size_t len)
{
    size_t kept;
    const void *at = walk_kept(w, &kept);

    if (!at)
        return false;
    assert(kept == len);
    memcpy(dst, at, len);
    return true;
}

/* Owns the writer: pieces of text and the memory that they are made from. */
#include "decode/text.h"

#include "decode/text_out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct text text_begin(const struct call_decoder *d, const struct walk_call *call, struct buf *out)
{
    return (struct text){
        .out = out,
        .d = d,
        .style = d->style,
        .call = call,
        .failed = call != NULL && call_is_error(call, NULL),
    };
}

static void keep(struct text *t, int r)
{
    if (t->err == 0)
        t->err = r;
}

void put_int(struct text *t, int64_t v)
{
    keep(t, text_int(t->out, v));
}

void put_uint(struct text *t, uint64_t v)
{
    keep(t, text_uint(t->out, v));
}

void put_hex(struct text *t, uint64_t v)
{
    keep(t, text_hex(t->out, v));
}

void put_addr(struct text *t, uint64_t v)
{
    if (v == 0)
        put(t, "NULL");
    else
        put_hex(t, v);
}

void put_octal(struct text *t, uint64_t v)
{
    put_fmt(t, v == 0 ? "000" : "0%llo", (unsigned long long)v);
}

void put_fmt(struct text *t, const char *fmt, ...)
{
    char small[160];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n > 0)
        put_mem(t, small, (size_t)n < sizeof small ? (size_t)n : sizeof small - 1);
}

void put_quoted(struct text *t, const uint8_t *data, size_t n, uint64_t len, bool string)
{
    keep(t, text_quoted(t->out, data, n, len, string, t->style));
}

void put_quoted_all(struct text *t, const uint8_t *data, size_t n, bool string)
{
    struct call_text_style style = *t->style;
    style.string_max = SIZE_MAX;
    keep(t, text_quoted(t->out, data, n, n, string, &style));
}

/* ---- memory ---- */

static size_t read_from(const struct text *t, Reprise__Range *const *ranges, size_t n,
                        uint64_t addr, uint8_t *dst, size_t len)
{
    const struct walk_call view = {.in = ranges, .n_in = n};
    struct call_bytes b;
    call_bytes_in(&view, addr, len, &b);
    long got = call_bytes_read(&b, t->d->reader, 0, dst, len);
    return got > 0 ? (size_t)got : 0;
}

size_t read_in(const struct text *t, uint64_t addr, void *dst, size_t len)
{
    size_t done = 0;
    while (done < len) {
        size_t n = read_from(t, t->call->in, t->call->n_in, addr + done, (uint8_t *)dst + done,
                             len - done);
        if (n == 0)
            break;
        done += n;
    }
    return done;
}

/* What was written lies over what was handed over. */
size_t read_out(const struct text *t, uint64_t addr, void *dst, size_t len)
{
    size_t done = read_in(t, addr, dst, len);
    for (size_t i = 0; i < t->call->n_out; i++) {
        const Reprise__Range *r = t->call->out[i];
        uint64_t from = r->addr > addr ? r->addr : addr;
        uint64_t end = r->addr + r->len < addr + len ? r->addr + r->len : addr + len;
        if (from >= end || from - addr > done)
            continue;
        size_t n = read_from(t, &t->call->out[i], 1, from, (uint8_t *)dst + (from - addr),
                             (size_t)(end - from));
        if (from - addr + n > done)
            done = (size_t)(from - addr) + n;
    }
    return done;
}

static bool has(Reprise__Range *const *ranges, size_t n, uint64_t addr)
{
    for (size_t i = 0; i < n; i++)
        if (addr >= ranges[i]->addr && addr - ranges[i]->addr < ranges[i]->len)
            return true;
    return false;
}

bool has_in(const struct text *t, uint64_t addr)
{
    return has(t->call->in, t->call->n_in, addr);
}

bool has_out(const struct text *t, uint64_t addr)
{
    return !t->failed && has(t->call->out, t->call->n_out, addr);
}

size_t read_either(const struct text *t, uint64_t addr, void *dst, size_t len)
{
    return has_out(t, addr) ? read_out(t, addr, dst, len) : read_in(t, addr, dst, len);
}

/* ---- bytes ---- */

static bool put_limited(struct text *t, bool out, uint64_t addr, uint64_t len, bool string,
                        uint64_t limit)
{
    struct call_bytes b;
    if (out)
        call_bytes_out(t->call, addr, len, &b);
    else
        call_bytes_in(t->call, addr, len, &b);
    if (b.range == NULL)
        return false;
    size_t want = (size_t)(b.kept < limit ? b.kept : limit + 1);
    if (want > b.kept)
        want = (size_t)b.kept;
    struct call_text_style style = *t->style;
    style.string_max = (size_t)limit;
    if (b.data != NULL) {
        keep(t, text_quoted(t->out, b.data, want, b.len, string, &style));
        return true;
    }
    uint8_t small[512], *copy = want <= sizeof small ? small : malloc(want);
    if (copy == NULL) {
        t->err = -ENOMEM;
        return true;
    }
    long n = call_bytes_read(&b, t->d->reader, 0, copy, want);
    keep(t, text_quoted(t->out, copy, n > 0 ? (size_t)n : 0, b.len, string, &style));
    if (copy != small)
        free(copy);
    return true;
}

bool put_bytes(struct text *t, bool out, uint64_t addr, uint64_t len, bool string)
{
    return put_limited(t, out, addr, len, string, t->style->string_max);
}

bool put_path(struct text *t, uint64_t addr)
{
    return put_limited(t, false, addr, UINT64_MAX, true, UINT32_MAX);
}

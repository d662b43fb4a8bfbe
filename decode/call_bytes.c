/* Owns the way from an address of a call to the bytes that the trace has for it. */
#include "decode/call_text.h"

#include <errno.h>
#include <string.h>

/* How many bytes of a range the trace can tell, from its first one on. */
static uint64_t kept_of(const Reprise__Range *r)
{
    if (r->data.len > 0 || r->hash != 0) /* all of it, or a prefix */
        return r->data.len;
    return r->len; /* a blob, or zeros */
}

static bool has(const Reprise__Range *r, uint64_t addr)
{
    return addr >= r->addr && addr - r->addr < r->len;
}

/* Of ranges that overlap the last one counts: it was written last. */
static void find(Reprise__Range *const *ranges, size_t n, uint64_t addr, uint64_t len,
                 struct call_bytes *ret)
{
    *ret = (struct call_bytes){0};
    for (size_t i = n; i-- > 0;) {
        const Reprise__Range *r = ranges[i];
        if (!has(r, addr))
            continue;
        uint64_t offset = addr - r->addr, kept = kept_of(r);
        ret->range = r;
        ret->offset = offset;
        ret->len = r->len - offset < len ? r->len - offset : len;
        ret->kept = kept > offset ? kept - offset : 0;
        if (ret->kept > ret->len)
            ret->kept = ret->len;
        if (r->data.len > offset)
            ret->data = r->data.data + offset;
        return;
    }
}

void call_bytes_in(const struct walk_call *call, uint64_t addr, uint64_t len,
                   struct call_bytes *ret)
{
    find(call->in, call->n_in, addr, len, ret);
}

void call_bytes_out(const struct walk_call *call, uint64_t addr, uint64_t len,
                    struct call_bytes *ret)
{
    find(call->out, call->n_out, addr, len, ret);
}

struct piece {
    uint8_t *dst;
    uint64_t skip; /* bytes of the blob before the first wanted one */
    size_t len, done;
};

/* A sink for trace_reader_blob(); ends the walk when it has what it wants. */
static int take_piece(void *ctx, uint64_t offset, const void *data, size_t len)
{
    struct piece *p = ctx;
    uint64_t at = p->skip + p->done;
    if (at >= offset + len)
        return 0;
    size_t from = (size_t)(at - offset), n = len - from;
    if (n > p->len - p->done)
        n = p->len - p->done;
    memcpy(p->dst + p->done, (const uint8_t *)data + from, n);
    p->done += n;
    return p->done == p->len ? -ECANCELED : 0;
}

long call_bytes_read(const struct call_bytes *bytes, struct trace_reader *reader, uint64_t offset,
                     void *dst, size_t len)
{
    if (bytes->range == NULL || offset >= bytes->kept)
        return 0;
    if (len > bytes->kept - offset)
        len = (size_t)(bytes->kept - offset);
    if (bytes->data != NULL) {
        memcpy(dst, bytes->data + offset, len);
        return (long)len;
    }
    if (bytes->range->blob.len == 0) {
        memset(dst, 0, len);
        return (long)len;
    }
    if (reader == NULL || len == 0)
        return 0;
    struct piece p = {.dst = dst, .skip = bytes->offset + offset, .len = len};
    int r = trace_reader_blob(reader, bytes->range->blob.data, bytes->range->blob.len, take_piece,
                              &p, NULL);
    return r < 0 && r != -ECANCELED ? -EIO : (long)p.done;
}

void call_arg_get(const struct walk_call *call, size_t i, struct call_arg *ret)
{
    *ret = (struct call_arg){.name = "", .kind = ARG_HEX, .value = call->args[i]};
    if (call->row != NULL && i < call->row->nargs) {
        ret->name = call->row->arg_names[i];
        ret->kind = call->row->args[i];
    }
    bool points = call->row == NULL || ret->kind >= ARG_PATH || ret->kind == ARG_HEX;
    if (!points || ret->value == 0)
        return;
    call_bytes_in(call, ret->value, UINT64_MAX, &ret->in);
    call_bytes_out(call, ret->value, UINT64_MAX, &ret->out);
}

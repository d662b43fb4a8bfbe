/* Buffers of the read and write families, and arrays of them. */
#include "walk.h"

#include <fcntl.h>
#include <string.h>

/* A read through O_DIRECT that meets the end of the file may have filled the whole buffer: the
 * device hands over full blocks, and the hole behind the end is zeroed (fs/iomap/direct-io.c).
 * The kernel takes only buffers in whole sectors for that. */
static bool may_be_direct(struct walk *w, int64_t fd, uint64_t addr, uint64_t offered)
{
    int flags;

    if (fd < 0 || addr % 512 || offered % 512)
        return false;
    if (!w->m->fd_flags)
        return true;
    flags = w->m->fd_flags(w->m->ctx, (int)fd);
    return flags < 0 || (flags & O_DIRECT);
}

void walk_add_filled(struct walk *w, int64_t fd, uint64_t addr, uint64_t offered)
{
    int64_t result = w->call->result;

    if (offered > MOST_BYTES)
        offered = MOST_BYTES;
    if (result_may_be_partial(result)) {
        walk_add_readable(w, addr, offered);
        return;
    }
    if (result_is_error(result))
        return;
    if ((uint64_t)result < offered && may_be_direct(w, fd, addr, offered))
        walk_add_readable(w, addr, offered);
    else
        walk_add(w, addr, (uint64_t)result, RANGE_DATA);
}

void walk_add_iovecs(struct walk *w, uint64_t addr, uint64_t count)
{
    uint64_t room = MOST_BYTES;
    size_t start = w->save->saved_len;
    const uint8_t *array;
    uint64_t i;

    if (count > MOST_IOVECS || !count)
        return;
    array = walk_keep(w, addr, count * sizeof(struct abi_iovec));
    if (array) {
        walk_add(w, addr, count * sizeof(struct abi_iovec), RANGE_STRUCT);
        for (i = 0; i < count && room; i++) {
            struct abi_iovec v;

            memcpy(&v, array + i * sizeof(v), sizeof(v));
            if (v.len > room)
                v.len = room;
            walk_add(w, v.base, v.len, RANGE_DATA);
            room -= v.len;
        }
    }
    w->save->saved_len = start; /* only for here */
}

void walk_keep_iovecs(struct walk *w, uint64_t addr, uint64_t count)
{
    if (count > MOST_IOVECS)
        count = 0;
    if (walk_keep(w, addr, count * sizeof(struct abi_iovec)))
        walk_add(w, addr, count * sizeof(struct abi_iovec), RANGE_STRUCT);
}

void walk_add_kept_iovecs(struct walk *w, uint64_t filled, bool whole)
{
    uint64_t room = whole ? MOST_BYTES : filled;
    size_t len, i;
    const uint8_t *array = walk_kept(w, &len);

    if (!array)
        return;
    for (i = 0; i + sizeof(struct abi_iovec) <= len && room; i += sizeof(struct abi_iovec)) {
        struct abi_iovec v;

        memcpy(&v, array + i, sizeof(v));
        if (v.len > room)
            v.len = room;
        if (whole)
            walk_add_readable(w, v.base, v.len);
        else
            walk_add(w, v.base, v.len, RANGE_DATA);
        room -= v.len;
    }
}

void walk_buffer_iovecs(struct walk *w, uint64_t pointer, bool in_memory, uint64_t addr,
                        uint64_t count)
{
    uint64_t i;

    if (count > MOST_IOVECS)
        return;
    if (in_memory)
        walk_buffer_at(w, pointer, addr, count * sizeof(struct abi_iovec), false);
    else
        walk_buffer_of_arg(w, (unsigned)pointer, count * sizeof(struct abi_iovec), false);
    for (i = 0; i < count; i++) {
        uint64_t at = addr + i * sizeof(struct abi_iovec);
        struct abi_iovec v;

        if (!walk_read(w, at, &v, sizeof(v)))
            return;
        walk_buffer_at(w, at, v.base, v.len, true);
    }
}

/* ---- writev, pwritev, pwritev2, vmsplice, and the like: args[arg], args[count] ---- */

static void iovec_in_handed(struct walk *w, const struct range_rule *rule)
{
    walk_add_iovecs(w, w->call->args[rule->arg], w->call->args[rule->count]);
}

const struct walker walker_iovec_in = {.handed = iovec_in_handed};

/* ---- readv, preadv, preadv2, process_vm_readv ---- */

static void iovec_out_handed(struct walk *w, const struct range_rule *rule)
{
    walk_keep_iovecs(w, w->call->args[rule->arg], w->call->args[rule->count]);
}

static void iovec_out_buffers(struct walk *w, const struct range_rule *rule)
{
    walk_buffer_iovecs(w, rule->arg, false, w->call->args[rule->arg], w->call->args[rule->count]);
}

/* Whether some buffer of the kept array, without taking it, may be filled past the count. */
static bool kept_iovecs_may_be_direct(struct walk *w)
{
    size_t before = w->cursor, len, i;
    const uint8_t *array = walk_kept(w, &len);
    uint64_t offered = 0;
    bool direct = true;

    w->cursor = before;
    if (!array || !len)
        return false;
    for (i = 0; i < len && direct; i += sizeof(struct abi_iovec)) {
        struct abi_iovec v;

        memcpy(&v, array + i, sizeof(v));
        direct = v.base % 512 == 0 && v.len % 512 == 0;
        offered += v.len;
    }
    return direct && (uint64_t)w->call->result < offered &&
           may_be_direct(w, (int)w->call->args[0], 0, 0);
}

static void iovec_read_written(struct walk *w, const struct range_rule *rule)
{
    int64_t result = w->call->result;

    (void)rule;
    if (result_is_error(result))
        walk_add_kept_iovecs(w, 0, result_may_be_partial(result));
    else
        walk_add_kept_iovecs(w, (uint64_t)result, kept_iovecs_may_be_direct(w));
}

const struct walker walker_iovec_read = {
    .handed = iovec_out_handed,
    .written = iovec_read_written,
    .buffers = iovec_out_buffers,
};

/* The same where no file is behind it. */
static void iovec_out_written(struct walk *w, const struct range_rule *rule)
{
    int64_t result = w->call->result;

    (void)rule;
    if (result_is_error(result))
        walk_add_kept_iovecs(w, 0, result_may_be_partial(result));
    else
        walk_add_kept_iovecs(w, (uint64_t)result, false);
}

const struct walker walker_iovec_out = {
    .handed = iovec_out_handed,
    .written = iovec_out_written,
    .buffers = iovec_out_buffers,
};

/* ---- Arrays of addresses in another process: process_vm_readv's remote side ---- */

static void iovec_array_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t count = w->call->args[rule->count];

    if (count <= MOST_IOVECS)
        walk_add(w, w->call->args[rule->arg], count * sizeof(struct abi_iovec), RANGE_STRUCT);
}

const struct walker walker_iovec_array = {.handed = iovec_array_handed};

/* ---- vmsplice: from memory into a pipe, or from a pipe into memory, as the end is ---- */

static void vmsplice_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg], count = w->call->args[rule->count];

    walk_add_iovecs(w, addr, count);
    walk_keep(w, addr, count <= MOST_IOVECS ? count * sizeof(struct abi_iovec) : 0);
}

static bool vmsplice_writes_memory(const struct walk *w)
{
    int flags = w->m->fd_flags ? w->m->fd_flags(w->m->ctx, (int)w->call->args[0]) : -1;

    return flags < 0 || (flags & O_ACCMODE) != O_WRONLY;
}

static void vmsplice_written(struct walk *w, const struct range_rule *rule)
{
    if (vmsplice_writes_memory(w))
        iovec_out_written(w, rule);
}

/* The pages themselves go into a pipe: only the other direction is a copy. */
static void vmsplice_buffers(struct walk *w, const struct range_rule *rule)
{
    if (vmsplice_writes_memory(w))
        iovec_out_buffers(w, rule);
}

const struct walker walker_vmsplice = {
    .handed = vmsplice_handed,
    .written = vmsplice_written,
    .buffers = vmsplice_buffers,
};

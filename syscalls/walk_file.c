/* File handles, extended attributes by struct, mounts. */
#include "walk.h"

#include <errno.h>
#include <string.h>

#define FILE_HANDLE_HEADER   8 /* handle_bytes, handle_type */
#define MOST_HANDLE_BYTES    128
#define HANDLE_MNT_ID_UNIQUE 0x001u

/* ---- name_to_handle_at(dirfd, pathname, handle, mount_id, flags) ---- */

static void name_to_handle_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    if (walk_keep(w, w->call->args[2], 4))
        walk_add(w, w->call->args[2], 4, RANGE_STRUCT);
}

/* With EOVERFLOW the wanted size and the mount come back as well. */
static void name_to_handle_written(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint32_t before, after;

    (void)rule;
    if (!walk_kept_copy(w, &before, sizeof(before)))
        return;
    if (result_is_error(c->result) && c->result != -EOVERFLOW && c->result != -EFAULT)
        return;
    if (before > MOST_HANDLE_BYTES)
        before = MOST_HANDLE_BYTES;
    if (!result_is_error(c->result) && walk_read_u32(w, c->args[2], &after) && after < before)
        before = after;
    walk_add_out(w, c->args[2], FILE_HANDLE_HEADER + before);
    walk_add_out(w, c->args[3], (uint32_t)c->args[4] & HANDLE_MNT_ID_UNIQUE ? 8 : 4);
}

const struct walker walker_name_to_handle = {
    .handed = name_to_handle_handed,
    .written = name_to_handle_written,
};

static void file_handle_in_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg];
    uint32_t bytes;

    if (!walk_read_u32(w, addr, &bytes))
        return;
    walk_add(w, addr, FILE_HANDLE_HEADER + (bytes <= MOST_HANDLE_BYTES ? bytes : 0), RANGE_STRUCT);
}

const struct walker walker_file_handle_in = {.handed = file_handle_in_handed};

/* ---- setxattrat, getxattrat(dirfd, pathname, at_flags, name, args, size) ---- */

struct abi_xattr_args {
    uint64_t value;
    uint32_t size, flags;
};

static bool xattr_args(struct walk *w, struct abi_xattr_args *ret)
{
    uint64_t size = w->call->args[5];
    const void *kept;

    if (size < sizeof(*ret) || size > 4096)
        size = 0;
    kept = walk_keep(w, w->call->args[4], size);
    if (!kept || !size)
        return false;
    memcpy(ret, kept, sizeof(*ret));
    walk_add(w, w->call->args[4], size, RANGE_STRUCT);
    return true;
}

static void setxattrat_handed(struct walk *w, const struct range_rule *rule)
{
    struct abi_xattr_args a;

    (void)rule;
    if (xattr_args(w, &a))
        walk_add(w, a.value, a.size, RANGE_DATA);
}

const struct walker walker_setxattrat = {.handed = setxattrat_handed};

static void getxattrat_handed(struct walk *w, const struct range_rule *rule)
{
    struct abi_xattr_args a;

    (void)rule;
    xattr_args(w, &a);
}

static void getxattrat_written(struct walk *w, const struct range_rule *rule)
{
    int64_t result = w->call->result;
    struct abi_xattr_args a;
    size_t size;
    const void *kept = walk_kept(w, &size);

    (void)rule;
    if (!kept || size < sizeof(a))
        return;
    memcpy(&a, kept, sizeof(a));
    if (result == -EFAULT)
        walk_add_readable(w, a.value, a.size);
    else if (!result_is_error(result))
        walk_add(w, a.value, (uint64_t)result < a.size ? (uint64_t)result : a.size, RANGE_DATA);
}

const struct walker walker_getxattrat = {
    .handed = getxattrat_handed,
    .written = getxattrat_written,
};

/* ---- A struct that starts with its own size, as a u32 ---- */

static void sized_in_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg];
    uint32_t size;

    if (walk_read_u32(w, addr, &size))
        walk_add(w, addr, size <= 4096 ? size : 4, RANGE_STRUCT);
}

const struct walker walker_sized_in = {.handed = sized_in_handed};

/* ---- statmount(req, buf, bufsize, flags): the buffer starts with the size filled ---- */

static void statmount_written(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint64_t fixed = c->args[2] < 512 ? c->args[2] : 512;
    uint32_t size;

    (void)rule;
    if (c->result == -EFAULT)
        walk_add_readable(w, c->args[1], c->args[2]);
    if (result_is_error(c->result) || !walk_read_u32(w, c->args[1], &size))
        return;
    if (size > c->args[2])
        size = (uint32_t)c->args[2];
    walk_add(w, c->args[1], size > fixed ? size : fixed, RANGE_DATA);
}

const struct walker walker_statmount = {.written = statmount_written};

/* Birth of tasks, capabilities, scheduling attributes, seccomp filters, register sets. */
#include "walk.h"

#include <errno.h>
#include <string.h>

#define CLONE_PIDFD_FLAG         0x00001000u
#define CLONE_VFORK_FLAG         0x00004000u
#define CLONE_PARENT_SETTID_FLAG 0x00100000u
#define CLONE_CHILD_SETTID_FLAG  0x01000000u

/* ---- clone(flags, stack, parent_tid, child_tid, tls) ---- */

/* A failed clone may have written the pidfd already. With result 0 it is the child that returns:
 * child_tid was written in its memory, before its first instruction. */
static void clone_written(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint64_t flags = c->args[0];

    (void)rule;
    if (c->result == 0) {
        if (flags & CLONE_CHILD_SETTID_FLAG)
            walk_add(w, c->args[3], 4, RANGE_DATA);
    } else if (flags & (CLONE_PARENT_SETTID_FLAG | CLONE_PIDFD_FLAG)) {
        walk_add_out(w, c->args[2], 4);
    }
}

static bool flags_write_early(uint64_t flags)
{
    return (flags & CLONE_VFORK_FLAG) && (flags & (CLONE_PARENT_SETTID_FLAG | CLONE_PIDFD_FLAG));
}

static bool clone_early(const struct syscall_call *c, const struct syscall_memory *m)
{
    (void)m;
    return flags_write_early(c->args[0]);
}

const struct walker walker_clone = {.written = clone_written, .early = clone_early};

/* ---- clone3(cl_args, size) ---- */

struct abi_clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    uint64_t set_tid, set_tid_size, cgroup;
};
#define CLONE_ARGS_V0 64

static void clone3_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t size = w->call->args[1];
    struct abi_clone_args a = {0};
    const void *kept;

    (void)rule;
    if (size < CLONE_ARGS_V0 || size > 4096)
        size = 0;
    kept = walk_keep(w, w->call->args[0], size);
    if (!kept)
        return;
    memcpy(&a, kept, size < sizeof(a) ? size : sizeof(a));
    walk_add(w, w->call->args[0], size, RANGE_STRUCT);
    if (a.set_tid_size <= 32) /* MAX_PID_NS_LEVEL */
        walk_add(w, a.set_tid, a.set_tid_size * 4, RANGE_STRUCT);
}

static void clone3_written(struct walk *w, const struct range_rule *rule)
{
    struct abi_clone_args a = {0};
    size_t size;
    const void *kept = walk_kept(w, &size);

    (void)rule;
    if (!kept)
        return;
    memcpy(&a, kept, size < sizeof(a) ? size : sizeof(a));
    if (w->call->result == 0) {
        if (a.flags & CLONE_CHILD_SETTID_FLAG)
            walk_add(w, a.child_tid, 4, RANGE_DATA);
        return;
    }
    if (a.flags & CLONE_PIDFD_FLAG)
        walk_add_out(w, a.pidfd, 4);
    if (a.flags & CLONE_PARENT_SETTID_FLAG)
        walk_add_out(w, a.parent_tid, 4);
}

static bool clone3_early(const struct syscall_call *c, const struct syscall_memory *m)
{
    uint64_t flags;

    return m->read(m->ctx, c->args[0], &flags, sizeof(flags)) == (long)sizeof(flags) &&
           flags_write_early(flags);
}

const struct walker walker_clone3 = {
    .handed = clone3_handed,
    .written = clone3_written,
    .early = clone3_early,
};

/* ---- capget, capset(hdrp, datap): the version decides the size of the data ---- */

static uint64_t capability_data_size(uint32_t version)
{
    switch (version) {
    case 0x19980330:
        return 12;
    case 0x20071026:
    case 0x20080522:
        return 24;
    }
    return 0;
}

static uint64_t capability_header(struct walk *w)
{
    const void *kept = walk_keep(w, w->call->args[0], 8);
    uint32_t version;

    if (!kept)
        return 0;
    memcpy(&version, kept, sizeof(version));
    walk_add(w, w->call->args[0], 8, RANGE_STRUCT);
    return capability_data_size(version);
}

/* To an unknown version the kernel answers with its own, in the header. */
static uint64_t capability_header_written(struct walk *w)
{
    uint32_t header[2];
    uint64_t size;

    if (!walk_kept_copy(w, header, sizeof(header)))
        return 0;
    size = capability_data_size(header[0]);
    if (!size)
        walk_add_out(w, w->call->args[0], 4);
    return size;
}

static void capget_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    capability_header(w);
}

static void capget_written(struct walk *w, const struct range_rule *rule)
{
    uint64_t size = capability_header_written(w);

    (void)rule;
    if (!result_is_error(w->call->result) || w->call->result == -EFAULT)
        walk_add_out(w, w->call->args[1], size);
}

const struct walker walker_capget = {.handed = capget_handed, .written = capget_written};

static void capset_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    walk_add(w, w->call->args[1], capability_header(w), RANGE_STRUCT);
}

static void capset_written(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    capability_header_written(w);
}

const struct walker walker_capset = {.handed = capset_handed, .written = capset_written};

/* ---- sched_setattr(pid, attr, flags) ---- */

static void sched_setattr_handed(struct walk *w, const struct range_rule *rule)
{
    uint32_t size;

    (void)rule;
    if (!walk_read_u32(w, w->call->args[1], &size))
        return;
    if (size == 0)
        size = 48; /* SCHED_ATTR_SIZE_VER0 */
    walk_add(w, w->call->args[1], size <= 4096 ? size : 4, RANGE_STRUCT);
}

/* A size that the kernel does not like is replaced by its own. */
static void sched_setattr_written(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    if (w->call->result == -E2BIG)
        walk_add_out(w, w->call->args[1], 4);
}

const struct walker walker_sched_setattr = {
    .handed = sched_setattr_handed,
    .written = sched_setattr_written,
};

/* ---- Classic BPF programs: struct sock_fprog at args[arg] ---- */

void walk_add_sock_fprog(struct walk *w, uint64_t addr)
{
    struct {
        uint16_t len, pad[3];
        uint64_t filter;
    } prog;

    if (!walk_read(w, addr, &prog, sizeof(prog)))
        return;
    walk_add(w, prog.filter, (uint64_t)prog.len * 8, RANGE_STRUCT);
}

static void sock_fprog_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg];

    walk_add(w, addr, 2, RANGE_STRUCT);
    walk_add(w, addr ? addr + 8 : 0, 8, RANGE_STRUCT);
    walk_add_sock_fprog(w, addr);
}

const struct walker walker_sock_fprog = {.handed = sock_fprog_handed};

/* ---- ptrace: register sets by iovec, arrays as long as the result ---- */

static void regset_get_handed(struct walk *w, const struct range_rule *rule)
{
    if (walk_keep(w, w->call->args[rule->arg], sizeof(struct abi_iovec)))
        walk_add(w, w->call->args[rule->arg], sizeof(struct abi_iovec), RANGE_STRUCT);
}

static void regset_get_written(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg];
    struct abi_iovec before, after;

    if (!walk_kept_copy(w, &before, sizeof(before)))
        return;
    walk_add_out(w, addr + 8, 8);
    if (result_is_error(w->call->result))
        walk_add_readable(w, before.base, before.len < 65536 ? before.len : 65536);
    else if (walk_read(w, addr, &after, sizeof(after)))
        walk_add(w, before.base, after.len < before.len ? after.len : before.len, RANGE_DATA);
}

const struct walker walker_regset_get = {
    .handed = regset_get_handed,
    .written = regset_get_written,
};

static void regset_set_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg];
    struct abi_iovec v;

    if (!walk_read(w, addr, &v, sizeof(v)))
        return;
    walk_add(w, addr, sizeof(v), RANGE_STRUCT);
    walk_add(w, v.base, v.len < 65536 ? v.len : 65536, RANGE_STRUCT);
}

static void regset_set_written(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg];

    walk_add_out(w, addr ? addr + 8 : 0, 8);
}

const struct walker walker_regset_set = {
    .handed = regset_set_handed,
    .written = regset_set_written,
};

static void result_elements_written(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg];
    int64_t result = w->call->result;

    if (!result_is_error(result))
        walk_add(w, addr, (uint64_t)result * rule->size, RANGE_DATA);
    else if (result == -EFAULT)
        walk_add_readable(w, addr, 65536);
}

const struct walker walker_result_elements = {.written = result_elements_written};

/* ---- pselect6: a pointer to the set and its size ---- */

static void sigset_and_size_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[rule->arg], v[2];

    if (!walk_read(w, addr, v, sizeof(v)))
        return;
    walk_add(w, addr, sizeof(v), RANGE_STRUCT);
    walk_add(w, v[0], 8, RANGE_STRUCT);
}

const struct walker walker_sigset_and_size = {.handed = sigset_and_size_handed};

/* ---- Calls that nobody can tell about ---- */

static bool never_listed(const struct syscall_call *c)
{
    (void)c;
    return false;
}

const struct walker walker_not_listed = {.listed = never_listed};

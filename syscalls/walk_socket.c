/* Messages and options of sockets. */
#include "walk.h"

#include <stddef.h>
#include <string.h>

/* struct user_msghdr, struct mmsghdr (include/linux/socket.h) */
struct abi_msghdr {
    uint64_t name;
    uint32_t namelen, pad0;
    uint64_t iov, iovlen;
    uint64_t control, controllen;
    uint32_t flags, pad1;
};
#define MMSG_SIZE       64
#define MMSG_LEN_OFFSET 56
#define MMSG_MOST       (1u << 16)

/* All but the flags, which the kernel only writes. */
#define MSGHDR_READ offsetof(struct abi_msghdr, flags)

/* ---- Sending ---- */

static bool message_sent(struct walk *w, uint64_t addr)
{
    struct abi_msghdr h;

    if (!walk_read(w, addr, &h, sizeof(h)))
        return false;
    walk_add(w, addr, MSGHDR_READ, RANGE_STRUCT);
    walk_add(w, h.name, h.namelen <= 128 ? h.namelen : 128, RANGE_STRUCT);
    walk_add(w, h.control, h.controllen <= INT32_MAX ? h.controllen : 0, RANGE_STRUCT);
    walk_add_iovecs(w, h.iov, h.iovlen);
    return true;
}

static void msg_send_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    message_sent(w, w->call->args[1]);
}

const struct walker walker_msg_send = {.handed = msg_send_handed};

static uint32_t mmsg_count(const struct syscall_call *c)
{
    uint32_t n = (uint32_t)c->args[2];

    return n < MMSG_MOST ? n : MMSG_MOST;
}

static void mmsg_send_handed(struct walk *w, const struct range_rule *rule)
{
    uint32_t n = mmsg_count(w->call), i;

    (void)rule;
    for (i = 0; i < n && i < MOST_IOVECS; i++) {
        if (!message_sent(w, w->call->args[1] + (uint64_t)i * MMSG_SIZE))
            break;
    }
}

/* Each message that went tells its length. */
static void mmsg_send_written(struct walk *w, const struct range_rule *rule)
{
    int64_t i;

    (void)rule;
    for (i = 0; i < w->call->result && i < mmsg_count(w->call); i++)
        walk_add(w, w->call->args[1] + (uint64_t)i * MMSG_SIZE + MMSG_LEN_OFFSET, 4, RANGE_DATA);
}

/* What the headers point to is only read, and stays where it is. */
static void mmsg_send_buffers(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    walk_buffer_of_arg(w, 1, (uint64_t)mmsg_count(w->call) * MMSG_SIZE, false);
}

const struct walker walker_mmsg_send = {
    .handed = mmsg_send_handed,
    .written = mmsg_send_written,
    .buffers = mmsg_send_buffers,
};

/* ---- Receiving: the header as it was and its iovecs are kept ---- */

static bool message_wanted(struct walk *w, uint64_t addr)
{
    const void *kept = walk_keep(w, addr, sizeof(struct abi_msghdr));
    struct abi_msghdr h;

    if (!kept)
        return false;
    memcpy(&h, kept, sizeof(h));
    walk_add(w, addr, MSGHDR_READ, RANGE_STRUCT);
    walk_keep_iovecs(w, h.iov, h.iovlen);
    return true;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Writes to the header are to msg_namelen, msg_controllen and msg_flags. */
static void message_header_written(struct walk *w, uint64_t addr)
{
    const size_t control = offsetof(struct abi_msghdr, controllen);

    walk_add_out(w, addr + offsetof(struct abi_msghdr, namelen), 4);
    walk_add_out(w, addr + control, offsetof(struct abi_msghdr, pad1) - control);
}

static void message_received(struct walk *w, uint64_t addr, uint64_t filled)
{
    struct abi_msghdr before, after;

    if (!walk_kept_copy(w, &before, sizeof(before)))
        return;
    walk_add_kept_iovecs(w, filled, false);
    message_header_written(w, addr);
    if (!walk_read(w, addr, &after, sizeof(after)))
        return;
    walk_add(w, before.name, lesser(before.namelen, after.namelen), RANGE_DATA);
    walk_add(w, before.control, lesser(before.controllen, after.controllen), RANGE_DATA);
}

/* A failed receive may have got anywhere before it failed. */
static void message_failed(struct walk *w, uint64_t addr)
{
    struct abi_msghdr before;

    if (!walk_kept_copy(w, &before, sizeof(before)))
        return;
    walk_add_kept_iovecs(w, 0, true);
    message_header_written(w, addr);
    walk_add_readable(w, before.name, lesser(before.namelen, 128));
    walk_add_readable(w, before.control, before.controllen);
}

/* What the header at addr, which is a buffer already, points to. */
static void message_buffers(struct walk *w, uint64_t addr)
{
    struct abi_msghdr h;

    if (!walk_read(w, addr, &h, sizeof(h)))
        return;
    walk_buffer_at(w, addr + offsetof(struct abi_msghdr, name), h.name, lesser(h.namelen, 128),
                   false);
    walk_buffer_iovecs(w, addr + offsetof(struct abi_msghdr, iov), true, h.iov, h.iovlen);
    walk_buffer_at(w, addr + offsetof(struct abi_msghdr, control), h.control, h.controllen, false);
}

static void msg_receive_buffers(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    walk_buffer_of_arg(w, 1, sizeof(struct abi_msghdr), false);
    message_buffers(w, w->call->args[1]);
}

static void msg_receive_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    message_wanted(w, w->call->args[1]);
}

static void msg_receive_written(struct walk *w, const struct range_rule *rule)
{
    int64_t result = w->call->result;

    (void)rule;
    if (!result_is_error(result))
        message_received(w, w->call->args[1], (uint64_t)result);
    else if (result_may_be_partial(result))
        message_failed(w, w->call->args[1]);
}

const struct walker walker_msg_receive = {
    .handed = msg_receive_handed,
    .written = msg_receive_written,
    .buffers = msg_receive_buffers,
};

static void mmsg_receive_handed(struct walk *w, const struct range_rule *rule)
{
    uint32_t n = mmsg_count(w->call), i;

    (void)rule;
    for (i = 0; i < n; i++) {
        if (!message_wanted(w, w->call->args[1] + (uint64_t)i * MMSG_SIZE))
            break;
    }
    walk_add(w, w->call->args[4], 16, RANGE_STRUCT);
}

static void mmsg_receive_written(struct walk *w, const struct range_rule *rule)
{
    int64_t result = w->call->result, i;

    (void)rule;
    walk_add_out(w, w->call->args[4], 16); /* what is left of the timeout */
    if (result_is_error(result)) {
        if (result_may_be_partial(result))
            message_failed(w, w->call->args[1]);
        return;
    }
    for (i = 0; i < result && i < mmsg_count(w->call); i++) {
        uint64_t addr = w->call->args[1] + (uint64_t)i * MMSG_SIZE;
        uint32_t filled = 0;

        walk_read_u32(w, addr + MMSG_LEN_OFFSET, &filled);
        walk_add(w, addr + MMSG_LEN_OFFSET, 4, RANGE_DATA);
        message_received(w, addr, filled);
    }
}

static void mmsg_receive_buffers(struct walk *w, const struct range_rule *rule)
{
    uint32_t n = mmsg_count(w->call), i;

    (void)rule;
    walk_buffer_of_arg(w, 1, (uint64_t)n * MMSG_SIZE, false);
    for (i = 0; i < n; i++)
        message_buffers(w, w->call->args[1] + (uint64_t)i * MMSG_SIZE);
    walk_buffer_of_arg(w, 4, 16, false);
}

const struct walker walker_mmsg_receive = {
    .handed = mmsg_receive_handed,
    .written = mmsg_receive_written,
    .buffers = mmsg_receive_buffers,
};

/* ---- Options ---- */

#define ABI_SOL_SOCKET         1
#define ABI_SO_ATTACH_FILTER   26 /* and SO_GET_FILTER */
#define ABI_SOL_TCP            6
#define ABI_SOL_IPV6           41
#define ABI_SO_REPLACE_TABLE   64  /* of iptables and ip6tables */
#define ABI_EBT_REPLACE_TABLE  128 /* of ebtables */
#define ABI_ARPT_REPLACE_TABLE 96  /* of arptables */

static bool option_is(const struct syscall_call *c, uint32_t level, uint32_t name)
{
    return (uint32_t)c->args[1] == level && (uint32_t)c->args[2] == name;
}

static void getsockopt_handed(struct walk *w, const struct range_rule *rule)
{
    const uint64_t *args = w->call->args;

    (void)rule;
    if (walk_keep(w, args[4], sizeof(uint32_t)))
        walk_add(w, args[4], sizeof(uint32_t), RANGE_STRUCT);
}

/* The length may come back with errors, too: ERANGE of SO_PEERSEC and SO_PEERGROUPS. */
static void getsockopt_written(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;
    uint32_t before, after;
    uint64_t unit = option_is(c, ABI_SOL_SOCKET, ABI_SO_ATTACH_FILTER) ? 8 : 1;

    (void)rule;
    if (!walk_kept_copy(w, &before, sizeof(before)) || (int32_t)before < 0)
        return;
    if (result_is_error(c->result) && !result_may_be_partial(c->result))
        return;
    walk_add_out(w, c->args[4], sizeof(uint32_t));
    if (result_is_error(c->result))
        walk_add_readable(w, c->args[3], lesser(before * unit, 1 << 16));
    else if (walk_read_u32(w, c->args[4], &after))
        walk_add(w, c->args[3], lesser(before, after) * unit, RANGE_DATA);
}

/* Options that write elsewhere, or more than the length says. */
static bool getsockopt_listed(const struct syscall_call *c)
{
    static const struct {
        uint32_t level, name;
    } odd[] = {
        /* clang-format off */
        {ABI_SOL_TCP, 35},  /* TCP_ZEROCOPY_RECEIVE maps pages */
        {0, 41},            /* IP_MSFILTER, MCAST_MSFILTER: they count sources, not bytes */
        {0, 48},
        {ABI_SOL_IPV6, 48},
        {0, 128},           /* tables of ebtables: structs with pointers */
        {0, 129},
        {0, 130},
        {0, 131},
        /* clang-format on */
    };
    size_t i;

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        if (option_is(c, odd[i].level, odd[i].name))
            return false;
    }
    return true;
}

const struct walker walker_getsockopt = {
    .handed = getsockopt_handed,
    .written = getsockopt_written,
    .listed = getsockopt_listed,
};

static void setsockopt_handed(struct walk *w, const struct range_rule *rule)
{
    const uint64_t *args = w->call->args;
    int32_t len = (int32_t)args[4];

    (void)rule;
    if (len <= 0)
        return;
    walk_add(w, args[3], (uint64_t)len, RANGE_STRUCT);
    if (option_is(w->call, ABI_SOL_SOCKET, ABI_SO_ATTACH_FILTER))
        walk_add_sock_fprog(w, args[3]);
}

/* Replacing a packet filter writes the old counters through a pointer in the value. */
static bool setsockopt_listed(const struct syscall_call *c)
{
    uint32_t level = (uint32_t)c->args[1], name = (uint32_t)c->args[2];

    if (level == 0)
        return name != ABI_SO_REPLACE_TABLE && name != ABI_EBT_REPLACE_TABLE &&
               name != ABI_ARPT_REPLACE_TABLE;
    return !(level == ABI_SOL_IPV6 && name == ABI_SO_REPLACE_TABLE);
}

const struct walker walker_setsockopt = {
    .handed = setsockopt_handed,
    .listed = setsockopt_listed,
};

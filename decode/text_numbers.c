/* Owns numbers that mean more than their value: modes, devices, dates, limits, commands. */
#include "decode/text_types.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

void text_long(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_int(t, (int64_t)v);
}

void text_int32(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_int(t, (int32_t)v);
}

void text_uint32(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_uint(t, (uint32_t)v);
}

void text_id(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if ((uint32_t)v == UINT32_MAX)
        put(t, "-1");
    else
        put_uint(t, (uint32_t)v);
}

/* ---- files ---- */

void text_mode(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_octal(t, (uint32_t)v);
}

void text_file_mode(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_mode(t, (uint32_t)v & 0177777);
}

/* The kernel looks at the mode only with these flags; put_args leaves it out otherwise. */
void text_creat_mode(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_octal(t, (uint32_t)v);
}

void text_dev(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_device(t, v);
}

/* new_decode_dev(), include/linux/kdev_t.h */
void text_dev32(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_device(t, makedev((v & 0xfff00) >> 8, (v & 0xff) | ((v >> 12) & 0xfff00)));
}

void text_knod_dev(struct text *t, size_t arg, uint64_t v)
{
    text_dev32(t, arg, v);
}

/* ---- commands ---- */

static void put_command(struct text *t, size_t arg, uint64_t v, bool hex)
{
    struct syscall_command command;
    char number[24];
    bool is = syscall_command(t->call->nr, t->call->args, &command) && command.arg == arg;
    const char *prefix = is ? command.prefix : NULL;
    bool nameless = !is || command.name == NULL;
    hex = hex || nameless;
    snprintf(number, sizeof number, hex && (unsigned)v != 0 ? "%#x" : "%d", (unsigned)v);
    put_named(t, number, nameless ? NULL : command.name);
    if (nameless && prefix != NULL && t->style->constants != TEXT_CONSTANTS_RAW)
        put_fmt(t, " /* %s_??? */", prefix);
}

void text_syslog_type(struct text *t, size_t arg, uint64_t v)
{
    struct syscall_command command;
    bool is = syscall_command(t->call->nr, t->call->args, &command) && command.arg == arg;
    put_int(t, (int)v);
    if (is && command.name != NULL && t->style->constants != TEXT_CONSTANTS_RAW)
        put_fmt(t, " /* %s */", command.name);
}

void text_command(struct text *t, size_t arg, uint64_t v)
{
    put_command(t, arg, v, false);
}

static const char *const directions[] = {
    [_IOC_NONE] = "_IOC_NONE",
    [_IOC_READ] = "_IOC_READ",
    [_IOC_WRITE] = "_IOC_WRITE",
    [_IOC_READ | _IOC_WRITE] = "_IOC_READ|_IOC_WRITE",
};

void text_hex_command(struct text *t, size_t arg, uint64_t v)
{
    struct syscall_command command;
    uint32_t n = (uint32_t)v;
    bool known = syscall_command(t->call->nr, t->call->args, &command) && command.name != NULL;
    if (known || syscall_commands(t->call->nr) != COMMANDS_IOCTL ||
        t->style->constants == TEXT_CONSTANTS_RAW) {
        put_command(t, arg, v, true);
        return;
    }
    put_fmt(t, "_IOC(%s, %#x, %#x, %#x)", directions[_IOC_DIR(n)], _IOC_TYPE(n), _IOC_NR(n),
            _IOC_SIZE(n));
}

void text_vma_attribute(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    char number[24];
    snprintf(number, sizeof number, "%#llx", (unsigned long long)v);
    put_named(t, v == 0 ? "0" : number, v == 0 ? "PR_SET_VMA_ANON_NAME" : NULL);
}

void text_ptracer(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if (v == UINT64_MAX)
        put_named(t, "-1", "PR_SET_PTRACER_ANY");
    else
        put_int(t, (int64_t)v);
}

/* ---- other numbers ---- */

void text_epoll_data(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_fmt(t, "{u32=%u, u64=%llu}", (unsigned)v, (unsigned long long)v);
}

void text_limit(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if (v == UINT64_MAX)
        put_named(t, "18446744073709551615", "RLIM64_INFINITY");
    else if (v > 1024 && v % 1024 == 0)
        put_fmt(t, "%llu*1024", (unsigned long long)(v / 1024));
    else
        put_uint(t, v);
}

void text_seconds(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_int(t, (int64_t)v);
    put(t, " /* ");
    put_date(t, (int64_t)v, 0, 0);
    put(t, " */");
}

static const struct constant personality_flags[] = {
    {ADDR_NO_RANDOMIZE, ADDR_NO_RANDOMIZE, "ADDR_NO_RANDOMIZE"},
    {MMAP_PAGE_ZERO, MMAP_PAGE_ZERO, "MMAP_PAGE_ZERO"},
    {ADDR_COMPAT_LAYOUT, ADDR_COMPAT_LAYOUT, "ADDR_COMPAT_LAYOUT"},
    {READ_IMPLIES_EXEC, READ_IMPLIES_EXEC, "READ_IMPLIES_EXEC"},
    {ADDR_LIMIT_32BIT, ADDR_LIMIT_32BIT, "ADDR_LIMIT_32BIT"},
    {SHORT_INODE, SHORT_INODE, "SHORT_INODE"},
    {WHOLE_SECONDS, WHOLE_SECONDS, "WHOLE_SECONDS"},
    {STICKY_TIMEOUTS, STICKY_TIMEOUTS, "STICKY_TIMEOUTS"},
    {ADDR_LIMIT_3GB, ADDR_LIMIT_3GB, "ADDR_LIMIT_3GB"},
};

void put_personality(struct text *t, uint64_t v)
{
    const struct constant_set set = {"PER", personality_flags,
                                     sizeof personality_flags / sizeof personality_flags[0], true};
    uint64_t kind = v & 0xff, flags = (uint32_t)v & ~(uint64_t)0xff;
    if (kind == PER_LINUX)
        put(t, "PER_LINUX");
    else if (kind == PER_LINUX32)
        put(t, "PER_LINUX32");
    else
        put_hex(t, kind);
    if (flags != 0) {
        put(t, "|");
        put_set(t, &set, flags);
    }
}

void text_personality(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if ((uint32_t)v == UINT32_MAX || t->style->constants == TEXT_CONSTANTS_RAW)
        put_hex(t, (uint32_t)v);
    else
        put_personality(t, v);
}

static const struct constant protocols_v[] = {
    {IPPROTO_IP, UINT64_MAX, "IPPROTO_IP"},     {IPPROTO_ICMP, UINT64_MAX, "IPPROTO_ICMP"},
    {IPPROTO_TCP, UINT64_MAX, "IPPROTO_TCP"},   {IPPROTO_UDP, UINT64_MAX, "IPPROTO_UDP"},
    {IPPROTO_IPV6, UINT64_MAX, "IPPROTO_IPV6"}, {IPPROTO_ICMPV6, UINT64_MAX, "IPPROTO_ICMPV6"},
    {IPPROTO_SCTP, UINT64_MAX, "IPPROTO_SCTP"}, {IPPROTO_RAW, UINT64_MAX, "IPPROTO_RAW"},
};
static const struct constant_set protocols = {"IPPROTO", protocols_v,
                                              sizeof protocols_v / sizeof protocols_v[0], false};

static const struct constant netlinks_v[] = {
    {0, UINT64_MAX, "NETLINK_ROUTE"},      {2, UINT64_MAX, "NETLINK_USERSOCK"},
    {4, UINT64_MAX, "NETLINK_SOCK_DIAG"},  {9, UINT64_MAX, "NETLINK_AUDIT"},
    {12, UINT64_MAX, "NETLINK_NETFILTER"}, {15, UINT64_MAX, "NETLINK_KOBJECT_UEVENT"},
    {16, UINT64_MAX, "NETLINK_GENERIC"},
};
static const struct constant_set netlinks = {"NETLINK", netlinks_v,
                                             sizeof netlinks_v / sizeof netlinks_v[0], false};

void text_protocol(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    int family = (int)t->call->args[0];
    if (family == AF_INET || family == AF_INET6)
        put_set(t, &protocols, (uint32_t)v);
    else if (family == AF_NETLINK)
        put_set(t, &netlinks, (uint32_t)v);
    else
        put_uint(t, (uint32_t)v);
}

void text_sival(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_fmt(t, "{sival_int=%d, sival_ptr=", (int)v);
    put_addr(t, v);
    put(t, "}");
}

static const char *const ioprio_classes[] = {"NONE", "RT", "BE", "IDLE"};

void text_ioprio(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    uint32_t class = (uint32_t)v >> 13, data = (uint32_t)v & 0x1fff;
    if (class < sizeof ioprio_classes / sizeof ioprio_classes[0] &&
        t->style->constants != TEXT_CONSTANTS_RAW)
        put_fmt(t, "IOPRIO_PRIO_VALUE(IOPRIO_CLASS_%s, %u)", ioprio_classes[class], data);
    else
        put_hex(t, (uint32_t)v);
}

void text_key(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if ((uint32_t)v == 0)
        put_named(t, "0", "IPC_PRIVATE");
    else
        put_hex(t, (uint32_t)v);
}

static const struct constant ipc_flags[] = {
    {IPC_CREAT, IPC_CREAT, "IPC_CREAT"},
    {IPC_EXCL, IPC_EXCL, "IPC_EXCL"},
};
static const struct constant shm_flags[] = {
    {IPC_CREAT, IPC_CREAT, "IPC_CREAT"},
    {IPC_EXCL, IPC_EXCL, "IPC_EXCL"},
    {04000, 04000, "SHM_HUGETLB"},
    {010000, 010000, "SHM_NORESERVE"},
};

/* Flags and permissions of shmget, semget, msgget in one. */
void text_get_flags(struct text *t, size_t arg, uint64_t v)
{
    bool shm = syscall_traits(t->call->nr)->types[arg] == TYPE_SHMGET_FLAGS;
    const struct constant_set set = {"IPC", shm ? shm_flags : ipc_flags, shm ? 4 : 2, true};
    uint64_t flags = (uint32_t)v & ~(uint64_t)0777;
    if (flags != 0) {
        put_set(t, &set, flags);
        put(t, "|");
    }
    put_octal(t, v & 0777);
}

/* FUTEX_OP(), linux/futex.h */
void text_wake_op(struct text *t, size_t arg, uint64_t v)
{
    static const char *const ops[] = {"SET", "ADD", "OR", "ANDN", "XOR"};
    static const char *const cmps[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};
    (void)arg;
    uint32_t n = (uint32_t)v, op = n >> 28 & 7, cmp = n >> 24 & 15;
    if (op >= 5 || cmp >= 6) {
        put_hex(t, n);
        return;
    }
    put_fmt(t, "FUTEX_OP_%s<<28|%#x<<12|FUTEX_OP_CMP_%s<<24|%#x", ops[op], n >> 12 & 0xfff,
            cmps[cmp], n & 0xfff);
}

void text_bitset(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if ((uint32_t)v == UINT32_MAX)
        put_named(t, "0xffffffff", "FUTEX_BITSET_MATCH_ANY");
    else
        put_hex(t, (uint32_t)v);
}

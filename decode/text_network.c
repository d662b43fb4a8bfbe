/* Owns what sockets take: addresses, messages, options. */
#include "decode/text_types.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- addresses ---- */

static void put_unix(struct text *t, const uint8_t *data, size_t len)
{
    size_t at = offsetof(struct sockaddr_un, sun_path);
    if (len <= at)
        return;
    const uint8_t *path = data + at;
    size_t n = len - at;
    put(t, ", sun_path=");
    if (path[0] != 0) {
        put_quoted_all(t, path, strnlen((const char *)path, n), false);
        return;
    }
    put(t, "@");
    put_quoted_all(t, path + 1, n - 1, false);
}

static void put_inet(struct text *t, const uint8_t *data)
{
    struct sockaddr_in in;
    char text[INET_ADDRSTRLEN];
    memcpy(&in, data, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    put_fmt(t, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(in.sin_port), text);
}

static void put_inet6(struct text *t, const uint8_t *data)
{
    struct sockaddr_in6 in;
    char text[INET6_ADDRSTRLEN];
    memcpy(&in, data, sizeof in);
    inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    put_fmt(t,
            ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\", "
            "&sin6_addr), sin6_scope_id=%u",
            ntohs(in.sin6_port), ntohl(in.sin6_flowinfo), text, in.sin6_scope_id);
}

void put_sockaddr(struct text *t, const uint8_t *data, size_t len)
{
    sa_family_t family;
    if (len < sizeof family) {
        put_quoted(t, data, len, len, false);
        return;
    }
    memcpy(&family, data, sizeof family);
    put(t, "{sa_family=");
    put_set(t, arg_type_info(TYPE_DOMAIN)->set, family);
    if (family == AF_UNIX) {
        put_unix(t, data, len);
    } else if (family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        put_inet(t, data);
    } else if (family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        put_inet6(t, data);
    } else if (family == AF_NETLINK && len >= sizeof(struct sockaddr_nl)) {
        struct sockaddr_nl nl;
        memcpy(&nl, data, sizeof nl);
        put_fmt(t, ", nl_pid=%d, nl_groups=%08x", (int)nl.nl_pid, nl.nl_groups);
    } else if (len > sizeof family) {
        put(t, ", sa_data=");
        put_quoted_all(t, data + sizeof family, len - sizeof family, false);
    }
    put(t, "}");
}

static void put_sockaddr_at(struct text *t, uint64_t addr, uint64_t len, bool out)
{
    uint8_t data[128];
    if (len > sizeof data)
        len = sizeof data;
    size_t n = 0;
    if (addr != 0)
        n = out ? read_out(t, addr, data, (size_t)len) : read_in(t, addr, data, (size_t)len);
    if (n == 0)
        put_addr(t, addr);
    else
        put_sockaddr(t, data, n);
}

void text_sockaddr(struct text *t, size_t arg, uint64_t v)
{
    uint64_t len = arg + 1 < t->call->n_args ? t->call->args[arg + 1] : 0;
    bool by_pointer = arg + 1 < t->call->n_args && t->call->row->types[arg + 1] == TYPE_LEN_PTR;
    if (!by_pointer) {
        put_sockaddr_at(t, v, (uint32_t)len, false);
        return;
    }
    uint32_t offered = 0, filled = 0;
    if (v == 0 || len == 0 || t->failed || !t->call->done ||
        read_out(t, len, &filled, sizeof filled) < sizeof filled) {
        put_addr(t, v);
        return;
    }
    read_in(t, len, &offered, sizeof offered);
    if (offered != 0 && filled > offered)
        filled = offered;
    put_sockaddr_at(t, v, filled, true);
}

/* ---- messages ---- */

static const struct constant scm_v[] = {
    {SCM_RIGHTS, UINT64_MAX, "SCM_RIGHTS"},
    {SCM_CREDENTIALS, UINT64_MAX, "SCM_CREDENTIALS"},
    {SO_TIMESTAMP, UINT64_MAX, "SO_TIMESTAMP_OLD"},
    {SO_TIMESTAMPNS, UINT64_MAX, "SO_TIMESTAMPNS_OLD"},
};
static const struct constant_set scm = {"SCM", scm_v, sizeof scm_v / sizeof scm_v[0], false};

static void put_cmsg(struct text *t, const struct cmsghdr *c, const uint8_t *data, size_t len)
{
    put_fmt(t, "{cmsg_len=%zu, cmsg_level=", c->cmsg_len);
    put_set(t, arg_type_info(TYPE_LEVEL)->set, (uint32_t)c->cmsg_level);
    put(t, ", cmsg_type=");
    if (c->cmsg_level == SOL_SOCKET)
        put_set(t, &scm, (uint32_t)c->cmsg_type);
    else
        put_hex(t, (uint32_t)c->cmsg_type);
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
        put(t, ", cmsg_data=[");
        for (size_t i = 0; i + 4 <= len; i += 4) {
            int32_t fd;
            memcpy(&fd, data + i, sizeof fd);
            if (i > 0)
                put(t, ", ");
            put_fd(t, fd);
        }
        put(t, "]");
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS && len >= 12) {
        put(t, ", cmsg_data=");
        put_struct(t, arg_type_info(TYPE_UCRED)->fields, data, 12);
    } else if (len > 0) {
        put(t, ", cmsg_data=");
        put_quoted(t, data, len, len, false);
    }
    put(t, "}");
}

static void put_control(struct text *t, uint64_t addr, uint64_t len)
{
    uint8_t data[4096];
    size_t n = read_either(t, addr, data, len < sizeof data ? (size_t)len : sizeof data);
    if (n < sizeof(struct cmsghdr)) {
        put_addr(t, addr);
        return;
    }
    put(t, "[");
    for (size_t at = 0; at + sizeof(struct cmsghdr) <= n;) {
        struct cmsghdr c;
        memcpy(&c, data + at, sizeof c);
        if (c.cmsg_len < sizeof c)
            break;
        size_t left = n - at - sizeof c, body = c.cmsg_len - sizeof c;
        if (at > 0)
            put(t, ", ");
        put_cmsg(t, &c, data + at + sizeof c, body < left ? body : left);
        if (body > left)
            break;
        at += (c.cmsg_len + 7) & ~(size_t)7;
    }
    put(t, "]");
}

struct abi_msghdr {
    uint64_t name;
    uint32_t namelen, pad0;
    uint64_t iov, iovlen, control, controllen;
    uint32_t flags, pad1;
};

static bool is_receiving(const struct text *t)
{
    return syscall_traits(t->call->nr)->io.in;
}

void put_msghdr(struct text *t, uint64_t addr, uint64_t filled)
{
    struct abi_msghdr in = {0}, out = {0};
    bool receives = is_receiving(t);
    if (addr == 0 || read_in(t, addr, &in, sizeof in) < offsetof(struct abi_msghdr, flags)) {
        put_addr(t, addr);
        return;
    }
    read_out(t, addr, &out, sizeof out);
    if (!receives)
        out = in;
    put(t, "{msg_name=");
    uint32_t namelen = out.namelen < in.namelen ? out.namelen : in.namelen;
    put_sockaddr_at(t, in.name, namelen, receives);
    put(t, ", msg_namelen=");
    if (receives && out.namelen != in.namelen)
        put_fmt(t, "%d => %d", (int)in.namelen, (int)out.namelen);
    else
        put_int(t, (int)in.namelen);
    put(t, ", msg_iov=");
    put_iovecs(t, in.iov, in.iovlen, receives, filled);
    put_fmt(t, ", msg_iovlen=%llu", (unsigned long long)in.iovlen);
    if (in.controllen > 0 && in.control != 0 && out.controllen > 0) {
        put(t, ", msg_control=");
        put_control(t, in.control, out.controllen);
    } else if (in.control != 0 && out.controllen > 0) {
        put(t, ", msg_control=");
        put_addr(t, in.control);
    }
    put_fmt(t, ", msg_controllen=%llu, msg_flags=", (unsigned long long)out.controllen);
    put_set(t, arg_type_info(TYPE_MSG_FLAGS)->set, out.flags);
    put(t, "}");
}

void text_msghdr(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if (is_receiving(t) && (t->failed || !t->call->done)) {
        struct abi_msghdr in = {0};
        if (v == 0 || read_in(t, v, &in, sizeof in) < offsetof(struct abi_msghdr, flags))
            put_addr(t, v);
        else
            put_fmt(t, "{msg_namelen=%d}", (int)in.namelen);
        return;
    }
    put_msghdr(t, v,
               is_receiving(t) && t->call->result >= 0 ? (uint64_t)t->call->result : UINT64_MAX);
}

#define MMSG_SIZE 64

void text_mmsghdr(struct text *t, size_t arg, uint64_t v)
{
    uint64_t n = (uint32_t)t->call->args[2];
    (void)arg;
    bool receives = is_receiving(t);
    if (receives)
        n = t->call->done && !t->failed ? (uint64_t)t->call->result : 0;
    if (v == 0 || (receives && n == 0)) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    for (uint64_t i = 0; i < n && i < 1024 && t->err == 0; i++) {
        uint32_t len = 0;
        uint64_t at = v + i * MMSG_SIZE;
        if (i > 0)
            put(t, ", ");
        if (!t->style->verbose && i >= t->style->array_max) {
            put(t, "...");
            break;
        }
        bool told = has_out(t, at + 56) && read_out(t, at + 56, &len, 4) == 4;
        put(t, "{msg_hdr=");
        put_msghdr(t, at, receives ? len : UINT64_MAX);
        if (told)
            put_fmt(t, ", msg_len=%u", len);
        put(t, "}");
    }
    put(t, "]");
}

/* ---- options ---- */

#define O(name)                                                                                    \
    {                                                                                              \
        name, UINT64_MAX, #name                                                                    \
    }
static const struct constant so_v[] = {
    O(SO_DEBUG),
    O(SO_REUSEADDR),
    O(SO_TYPE),
    O(SO_ERROR),
    O(SO_DONTROUTE),
    O(SO_BROADCAST),
    O(SO_SNDBUF),
    O(SO_RCVBUF),
    O(SO_KEEPALIVE),
    O(SO_OOBINLINE),
    O(SO_NO_CHECK),
    O(SO_PRIORITY),
    O(SO_LINGER),
    O(SO_BSDCOMPAT),
    O(SO_REUSEPORT),
    O(SO_PASSCRED),
    O(SO_PEERCRED),
    O(SO_RCVLOWAT),
    O(SO_SNDLOWAT),
    {20, UINT64_MAX, "SO_RCVTIMEO_OLD"},
    {21, UINT64_MAX, "SO_SNDTIMEO_OLD"},
    O(SO_BINDTODEVICE),
    O(SO_ATTACH_FILTER),
    O(SO_DETACH_FILTER),
    O(SO_PEERNAME),
    {29, UINT64_MAX, "SO_TIMESTAMP_OLD"},
    O(SO_ACCEPTCONN),
    O(SO_PEERSEC),
    O(SO_SNDBUFFORCE),
    O(SO_RCVBUFFORCE),
    O(SO_PASSSEC),
    {35, UINT64_MAX, "SO_TIMESTAMPNS_OLD"},
    O(SO_MARK),
    O(SO_PROTOCOL),
    O(SO_DOMAIN),
    O(SO_RXQ_OVFL),
    O(SO_PEEK_OFF),
    O(SO_LOCK_FILTER),
    O(SO_BUSY_POLL),
    O(SO_INCOMING_CPU),
    O(SO_INCOMING_NAPI_ID),
    O(SO_COOKIE),
    O(SO_PEERGROUPS),
    O(SO_ZEROCOPY),
    {66, UINT64_MAX, "SO_RCVTIMEO_NEW"},
    {67, UINT64_MAX, "SO_SNDTIMEO_NEW"},
};
static const struct constant tcp_v[] = {
    O(TCP_NODELAY),
    O(TCP_MAXSEG),
    O(TCP_CORK),
    O(TCP_KEEPIDLE),
    O(TCP_KEEPINTVL),
    O(TCP_KEEPCNT),
    O(TCP_SYNCNT),
    O(TCP_LINGER2),
    O(TCP_DEFER_ACCEPT),
    O(TCP_WINDOW_CLAMP),
    O(TCP_INFO),
    O(TCP_QUICKACK),
    O(TCP_CONGESTION),
    O(TCP_USER_TIMEOUT),
    O(TCP_FASTOPEN),
    {25, UINT64_MAX, "TCP_NOTSENT_LOWAT"},
    {30, UINT64_MAX, "TCP_FASTOPEN_CONNECT"},
    {31, UINT64_MAX, "TCP_ULP"},
};
static const struct constant ip_v[] = {
    O(IP_TOS),
    O(IP_TTL),
    O(IP_HDRINCL),
    O(IP_OPTIONS),
    O(IP_RECVOPTS),
    O(IP_PKTINFO),
    O(IP_MTU_DISCOVER),
    O(IP_RECVERR),
    O(IP_RECVTTL),
    O(IP_RECVTOS),
    O(IP_MTU),
    O(IP_FREEBIND),
    O(IP_TRANSPARENT),
    O(IP_MULTICAST_IF),
    O(IP_MULTICAST_TTL),
    O(IP_MULTICAST_LOOP),
    O(IP_ADD_MEMBERSHIP),
    O(IP_DROP_MEMBERSHIP),
    {24, UINT64_MAX, "IP_BIND_ADDRESS_NO_PORT"},
};
static const struct constant ipv6_v[] = {
    O(IPV6_V6ONLY),         O(IPV6_UNICAST_HOPS),
    O(IPV6_MULTICAST_IF),   O(IPV6_MULTICAST_HOPS),
    O(IPV6_MULTICAST_LOOP), {20, UINT64_MAX, "IPV6_JOIN_GROUP"},
    O(IPV6_MTU_DISCOVER),   O(IPV6_MTU),
    O(IPV6_RECVERR),        O(IPV6_RECVPKTINFO),
    O(IPV6_PKTINFO),        O(IPV6_RECVHOPLIMIT),
    O(IPV6_TCLASS),
};
static const struct constant netlink_v[] = {
    O(NETLINK_ADD_MEMBERSHIP), O(NETLINK_DROP_MEMBERSHIP), O(NETLINK_PKTINFO),
    O(NETLINK_EXT_ACK),        O(NETLINK_GET_STRICT_CHK),  O(NETLINK_CAP_ACK),
};
#define SET_OF(prefix, v)                                                                          \
    {                                                                                              \
        prefix, v, sizeof(v) / sizeof((v)[0]), false                                               \
    }
static const struct {
    int level;
    struct constant_set set;
} options[] = {
    {SOL_SOCKET, SET_OF("SO", so_v)},    {IPPROTO_TCP, SET_OF("TCP", tcp_v)},
    {IPPROTO_IP, SET_OF("IP", ip_v)},    {IPPROTO_IPV6, SET_OF("IPV6", ipv6_v)},
    {270, SET_OF("NETLINK", netlink_v)},
};

void text_optname(struct text *t, size_t arg, uint64_t v)
{
    int level = (int)t->call->args[arg > 0 ? arg - 1 : 0];
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].level != level)
            continue;
        put_set(t, &options[i].set, (uint32_t)v);
        return;
    }
    put_hex(t, (uint32_t)v);
}

static bool is_option(const struct text *t, int level, int name)
{
    return (int)t->call->args[1] == level && (int)t->call->args[2] == name;
}

/* What text there is for some options; the rest are ints, or bytes. */
static void put_option(struct text *t, const uint8_t *data, size_t len, bool out)
{
    int32_t n;
    if (is_option(t, SOL_SOCKET, SO_LINGER) && len >= 8) {
        put_struct(t, arg_type_info(TYPE_LINGER)->fields, data, 8);
    } else if (is_option(t, SOL_SOCKET, SO_PEERCRED) && len >= 12) {
        put_struct(t, arg_type_info(TYPE_UCRED)->fields, data, 12);
    } else if ((is_option(t, SOL_SOCKET, 20) || is_option(t, SOL_SOCKET, 21)) && len >= 16) {
        put_struct(t, arg_type_info(TYPE_TIMEVAL)->fields, data, 16);
    } else if (out && is_option(t, SOL_SOCKET, SO_ERROR) && len == 4) {
        memcpy(&n, data, sizeof n);
        const char *name = n != 0 ? call_errno_name(n) : NULL;
        put(t, "[");
        put(t, name != NULL ? name : "0");
        put(t, "]");
    } else if (len == sizeof n) {
        memcpy(&n, data, sizeof n);
        put_fmt(t, "[%d]", n);
    } else {
        put_quoted(t, data, len, len, false);
    }
}

static void put_optval(struct text *t, uint64_t v, bool out)
{
    uint8_t data[256];
    uint32_t len = (uint32_t)t->call->args[4];
    if (out && (t->failed || !t->call->done ||
                read_out(t, t->call->args[4], &len, sizeof len) < sizeof len))
        len = 0;
    if (len > sizeof data)
        len = sizeof data;
    size_t n = 0;
    if (v != 0 && len > 0)
        n = out ? read_out(t, v, data, len) : read_in(t, v, data, len);
    if (n == 0)
        put_addr(t, v);
    else
        put_option(t, data, n, out);
}

void text_optval(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_optval(t, v, false);
}

void text_optval_out(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_optval(t, v, true);
}

void text_ifreq(struct text *t, size_t arg, uint64_t v)
{
    struct ifreq r;
    (void)arg;
    if (v == 0 || read_either(t, v, &r, sizeof r) < sizeof r) {
        put_addr(t, v);
        return;
    }
    put(t, "{ifr_name=");
    put_quoted_all(t, (const uint8_t *)r.ifr_name, strnlen(r.ifr_name, sizeof r.ifr_name), false);
    put(t, ", ...}");
}

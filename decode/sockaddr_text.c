/* Owns how addresses of sockets are spelled in short, as in the output of strace -yy. */
#include "decode/sockaddr_text.h"

#include "decode/text_out.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int unix_text(const uint8_t *addr, size_t len, struct buf *out)
{
    size_t at = offsetof(struct sockaddr_un, sun_path);
    if (len <= at)
        return 0;
    const char *path = (const char *)addr + at;
    size_t n = len - at;
    struct call_text_style style = call_text_style_default();
    style.string_max = n;
    if (path[0] != '\0')
        return text_quoted(out, (const uint8_t *)path, strnlen(path, n), strnlen(path, n), false,
                           &style);
    int r = text_str(out, "@");
    return r == 0 ? text_quoted(out, (const uint8_t *)path + 1, n - 1, n - 1, false, &style) : r;
}

int address_text_short(const uint8_t *addr, size_t len, struct buf *out)
{
    char text[INET6_ADDRSTRLEN];
    sa_family_t family = AF_UNSPEC;
    if (len >= sizeof family)
        memcpy(&family, addr, sizeof family);
    if (family == AF_UNIX)
        return unix_text(addr, len, out);
    if (family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, addr, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
        return text_fmt(out, "%s:%u", text, ntohs(in.sin_port));
    }
    if (family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in6;
        memcpy(&in6, addr, sizeof in6);
        inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
        return text_fmt(out, "[%s]:%u", text, ntohs(in6.sin6_port));
    }
    return 0;
}

static const char *socket_name(const struct fd_object *o)
{
    bool v6 = o->family == AF_INET6;
    if (o->family == AF_UNIX)
        return o->type == SOCK_STREAM  ? "UNIX-STREAM"
               : o->type == SOCK_DGRAM ? "UNIX-DGRAM"
                                       : "UNIX-SEQPACKET";
    if (o->family == AF_NETLINK)
        return "NETLINK";
    if (o->family != AF_INET && !v6)
        return "socket";
    if (o->type == SOCK_STREAM)
        return v6 ? "TCPv6" : "TCP";
    if (o->type == SOCK_DGRAM)
        return v6 ? "UDPv6" : "UDP";
    return v6 ? "RAWv6" : "RAW";
}

int socket_text(const struct fd_object *o, struct buf *out)
{
    int r = text_fmt(out, "%s:[", socket_name(o));
    size_t before = out->len;
    if (r == 0)
        r = address_text_short(o->local, o->local_len, out);
    size_t local_end = out->len;
    if (r == 0 && o->peer_len > 0)
        r = text_str(out, "->");
    size_t peer = out->len;
    if (r == 0)
        r = address_text_short(o->peer, o->peer_len, out);
    if (out->len == peer) /* a peer without a name */
        out->len = local_end;
    if (r == 0 && out->len == before)
        r = text_fmt(out, "#%llu", (unsigned long long)o->id);
    return r == 0 ? text_str(out, "]") : r;
}

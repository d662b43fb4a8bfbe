/* Owns the bytes of pcapng blocks and of the headers of IP, TCP and UDP. */
#include "export/packets.h"

#include <stdio.h>
#include <string.h>

/* ---- pcapng: host byte order, which the section header tells; all is padded to four bytes ---- */

enum block { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_NAMES = 4, BLOCK_PACKET = 6 };
enum option {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_APPLICATION = 4, /* of a section */
    OPTION_NAME = 2,        /* of an interface */
    OPTION_RESOLUTION = 9,
};
#define LINKTYPE_RAW    101
#define NAME_RECORD_IP6 2

struct block_buf {
    uint8_t data[2048];
    size_t len;
};

static void add(struct block_buf *b, const void *data, size_t len)
{
    if (len > sizeof b->data - b->len)
        len = sizeof b->data - b->len; /* never: all that comes here is short */
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
}

static void add_u16(struct block_buf *b, uint16_t v)
{
    add(b, &v, sizeof v);
}

static void add_u32(struct block_buf *b, uint32_t v)
{
    add(b, &v, sizeof v);
}

static size_t padding(size_t len)
{
    return (4 - len % 4) % 4;
}

static void add_option(struct block_buf *b, enum option option, const void *data, size_t len)
{
    static const uint8_t zeros[4];
    add_u16(b, (uint16_t)option);
    add_u16(b, (uint16_t)len);
    add(b, data, len);
    add(b, zeros, padding(len));
}

static void put_block(struct out *out, enum block type, const struct block_buf *body)
{
    const uint32_t head[] = {type, (uint32_t)(12 + body->len)};
    out_bytes(out, head, sizeof head);
    out_bytes(out, body->data, body->len);
    out_bytes(out, head + 1, 4);
}

static void put_section(struct out *out, const char *program)
{
    struct block_buf b = {.len = 0};
    const int64_t unknown_length = -1;
    add_u32(&b, 0x1a2b3c4d);
    add_u16(&b, 1);
    add_u16(&b, 0);
    add(&b, &unknown_length, sizeof unknown_length);
    add_option(&b, OPTION_APPLICATION, program, strnlen(program, 200));
    add_option(&b, OPTION_END, NULL, 0);
    put_block(out, BLOCK_SECTION, &b);
}

static void put_interface(struct out *out)
{
    struct block_buf b = {.len = 0};
    const uint8_t nanoseconds = 9;
    add_u16(&b, LINKTYPE_RAW);
    add_u16(&b, 0);
    add_u32(&b, 0); /* packets are not cut on purpose */
    add_option(&b, OPTION_NAME, "sockets", 7);
    add_option(&b, OPTION_RESOLUTION, &nanoseconds, 1);
    add_option(&b, OPTION_END, NULL, 0);
    put_block(out, BLOCK_INTERFACE, &b);
}

static void put_name(struct out *out, uint32_t place, const char *text, size_t len)
{
    static const uint8_t zeros[4];
    struct block_buf b = {.len = 0};
    struct net_address a = {.kind = NET_UNIX, .name = place};
    char name[120];
    if (len > sizeof name - 1)
        len = sizeof name - 1;
    for (size_t i = 0; i < len; i++) /* an abstract name begins with a NUL */
        name[i] = text[i] == '\0' ? '@' : text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    name[len++] = '\0';
    net_address_make_up(&a, &a, place);
    add_u16(&b, NAME_RECORD_IP6);
    add_u16(&b, (uint16_t)(16 + len));
    add(&b, a.ip, 16);
    add(&b, name, len);
    add(&b, zeros, padding(len));
    add_u32(&b, 0); /* end of the records */
    put_block(out, BLOCK_NAMES, &b);
}

void packets_begin(struct out *out, const struct net_names *names, const char *program)
{
    put_section(out, program);
    put_interface(out);
    for (size_t i = 0; i < names->n; i++)
        put_name(out, (uint32_t)i + 1, names->v[i].text, names->v[i].len);
}

/* ---- IP, TCP, UDP: network byte order ---- */

struct headers {
    uint8_t data[80];
    size_t ip_len, len;
};

static void be16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void be32(uint8_t *p, uint32_t v)
{
    be16(p, v >> 16);
    be16(p + 2, v & 0xffff);
}

/* RFC 1071 */
static uint32_t sum(uint32_t s, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        s += (uint32_t)p[i] << 8 | p[i + 1];
    if (len % 2 != 0)
        s += (uint32_t)p[len - 1] << 8;
    return (s & 0xffff) + (s >> 16);
}

static uint16_t folded(uint32_t s)
{
    while (s >> 16 != 0)
        s = (s & 0xffff) + (s >> 16);
    return (uint16_t)~s;
}

static void put_ip4(struct headers *h, const struct packet *p, size_t total)
{
    uint8_t *ip = h->data;
    h->ip_len = 20;
    ip[0] = 0x45;
    be16(ip + 2, h->ip_len + total);
    ip[6] = 0x40; /* don't fragment */
    ip[8] = 64;
    ip[9] = p->is_tcp ? 6 : 17;
    memcpy(ip + 12, p->from->ip, 4);
    memcpy(ip + 16, p->to->ip, 4);
    be16(ip + 10, folded(sum(0, ip, 20)));
}

static void ip6_of(const struct net_address *a, uint8_t ip[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (a->kind != NET_IP4) {
        memcpy(ip, a->ip, 16);
        return;
    }
    memcpy(ip, mapped, 12);
    memcpy(ip + 12, a->ip, 4);
}

static void put_ip6(struct headers *h, const struct packet *p, size_t total)
{
    uint8_t *ip = h->data;
    h->ip_len = 40;
    ip[0] = 0x60;
    be16(ip + 4, total);
    ip[6] = p->is_tcp ? 6 : 17;
    ip[7] = 64;
    ip6_of(p->from, ip + 8);
    ip6_of(p->to, ip + 24);
}

static void put_tcp(struct headers *h, const struct packet *p)
{
    uint8_t *tcp = h->data + h->ip_len;
    be16(tcp, p->from->port);
    be16(tcp + 2, p->to->port);
    be32(tcp + 4, p->seq);
    be32(tcp + 8, (p->flags & TCP_ACK) != 0 ? p->ack : 0);
    tcp[12] = 5 << 4;
    tcp[13] = p->flags;
    be16(tcp + 14, 65535);
    h->len = h->ip_len + 20;
}

static void put_udp(struct headers *h, const struct packet *p)
{
    uint8_t *udp = h->data + h->ip_len;
    be16(udp, p->from->port);
    be16(udp + 2, p->to->port);
    be16(udp + 4, 8 + p->len);
    h->len = h->ip_len + 8;
}

/* Over the pseudo header, the header and the payload; 0, "none", where that is not all there. */
static void put_checksum(struct headers *h, const struct packet *p)
{
    uint8_t *at = h->data + h->ip_len + (p->is_tcp ? 16 : 6);
    bool v4 = h->ip_len == 20;
    uint8_t pseudo[4] = {0, p->is_tcp ? 6 : 17};
    if (p->kept < p->len)
        return;
    be16(pseudo + 2, h->len - h->ip_len + p->len);
    uint32_t s = sum(0, h->data + (v4 ? 12 : 8), v4 ? 8 : 32);
    s = sum(s, pseudo, sizeof pseudo);
    s = sum(s, h->data + h->ip_len, h->len - h->ip_len);
    s = sum(s, p->payload, p->len);
    uint16_t c = folded(s);
    be16(at, c == 0 && !p->is_tcp ? 0xffff : c);
}

static void make_headers(struct headers *h, const struct packet *p)
{
    size_t total = (p->is_tcp ? 20 : 8) + p->len;
    *h = (struct headers){.len = 0};
    if (p->from->kind == NET_IP4 && p->to->kind == NET_IP4)
        put_ip4(h, p, total);
    else
        put_ip6(h, p, total);
    if (p->is_tcp)
        put_tcp(h, p);
    else
        put_udp(h, p);
    put_checksum(h, p);
}

void packets_put(struct out *out, const struct packet *p)
{
    static const uint8_t zeros[4];
    struct headers h;
    struct block_buf options = {.len = 0};
    make_headers(&h, p);
    if (p->comment != NULL) {
        add_option(&options, OPTION_COMMENT, p->comment, strnlen(p->comment, 1000));
        add_option(&options, OPTION_END, NULL, 0);
    }
    size_t kept = h.len + p->kept, pad = padding(kept);
    const uint32_t head[] = {BLOCK_PACKET,
                             (uint32_t)(32 + kept + pad + options.len),
                             0,
                             (uint32_t)(p->time >> 32),
                             (uint32_t)p->time,
                             (uint32_t)kept,
                             (uint32_t)(h.len + p->len)};
    out_bytes(out, head, sizeof head);
    out_bytes(out, h.data, h.len);
    out_bytes(out, p->payload, p->kept);
    out_bytes(out, zeros, pad);
    out_bytes(out, options.data, options.len);
    out_bytes(out, head + 1, 4);
}

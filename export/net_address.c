/* Owns what addresses mean, and which are made up. */
#include "export/net_address.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <xxhash.h>

#define NAMES_MAX 65000

void net_names_done(struct net_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->v[i].text);
    free(names->v);
    map64_done(&names->by_hash);
}

/* The place of a name; 0: there are too many. */
static int place_of_name(struct net_names *names, const char *text, size_t len, uint32_t *ret)
{
    uint64_t hash = XXH3_64bits(text, len);
    *ret = (uint32_t)(uintptr_t)map64_get(&names->by_hash, hash);
    if (*ret != 0 || names->n >= NAMES_MAX)
        return 0;
    if (names->n == names->cap) {
        size_t cap = names->cap * 2 + 16;
        void *v = reallocarray(names->v, cap, sizeof *names->v);
        if (v == NULL)
            return -ENOMEM;
        names->v = v;
        names->cap = cap;
    }
    char *copy = malloc(len + 1);
    if (copy == NULL || map64_put(&names->by_hash, hash, (void *)(uintptr_t)(names->n + 1)) < 0) {
        free(copy);
        return -ENOMEM;
    }
    memcpy(copy, text, len);
    names->v[names->n].text = copy;
    names->v[names->n].len = len;
    *ret = (uint32_t)++names->n;
    return 0;
}

static int parse_unix(struct net_names *names, const void *sockaddr, size_t len,
                      struct net_address *ret)
{
    const char *path = (const char *)sockaddr + offsetof(struct sockaddr_un, sun_path);
    size_t n = len - offsetof(struct sockaddr_un, sun_path);
    *ret = (struct net_address){.kind = NET_UNIX};
    if (n > 0 && path[0] != '\0')
        n = strnlen(path, n);
    return n > 0 ? place_of_name(names, path, n, &ret->name) : 0;
}

static void parse_ip6(const void *sockaddr, struct net_address *ret)
{
    struct sockaddr_in6 in6;
    memcpy(&in6, sockaddr, sizeof in6);
    *ret = (struct net_address){.kind = NET_IP6, .port = ntohs(in6.sin6_port)};
    memcpy(ret->ip, &in6.sin6_addr, 16);
    if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
        ret->kind = NET_IP4;
        memmove(ret->ip, ret->ip + 12, 4);
        memset(ret->ip + 4, 0, 12);
    }
}

int net_address_parse(struct net_names *names, const void *sockaddr, size_t len,
                      struct net_address *ret)
{
    sa_family_t family = AF_UNSPEC;
    if (len >= sizeof family)
        memcpy(&family, sockaddr, sizeof family);
    *ret = (struct net_address){.kind = NET_UNKNOWN};
    if (family == AF_UNIX)
        return parse_unix(names, sockaddr, len, ret);
    if (family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, sockaddr, sizeof in);
        *ret = (struct net_address){.kind = NET_IP4, .port = ntohs(in.sin_port)};
        memcpy(ret->ip, &in.sin_addr, 4);
    }
    if (family == AF_INET6 && len >= sizeof(struct sockaddr_in6))
        parse_ip6(sockaddr, ret);
    return 0;
}

static const uint8_t loopback6[16] = {[15] = 1};
static const uint8_t any[16];

bool net_address_is_loopback(const struct net_address *a)
{
    return (a->kind == NET_IP4 && a->ip[0] == 127) ||
           (a->kind == NET_IP6 && memcmp(a->ip, loopback6, 16) == 0);
}

bool net_address_is_any(const struct net_address *a)
{
    return (a->kind == NET_IP4 && memcmp(a->ip, any, 4) == 0) ||
           (a->kind == NET_IP6 && memcmp(a->ip, any, 16) == 0);
}

bool net_address_fits(const struct net_address *bound, const struct net_address *wanted)
{
    if (bound->kind == NET_UNKNOWN || wanted->kind == NET_UNKNOWN)
        return false;
    if (bound->kind == NET_UNIX || wanted->kind == NET_UNIX)
        return bound->kind == wanted->kind && bound->name != 0 && bound->name == wanted->name;
    if (bound->port != wanted->port)
        return false;
    if (net_address_is_any(bound) || net_address_is_any(wanted))
        return true;
    return bound->kind == wanted->kind && memcmp(bound->ip, wanted->ip, 16) == 0;
}

static void make_up_unix(struct net_address *own, uint32_t number)
{
    uint32_t n = own->name != 0 ? own->name : number;
    uint16_t place = own->name != 0 ? 2 : 1;
    own->ip[0] = 0xfd;
    own->ip[11] = (uint8_t)place;
    for (size_t i = 0; i < 4; i++)
        own->ip[15 - i] = (uint8_t)(n >> (8 * i));
    own->port = place;
}

void net_address_make_up(struct net_address *own, const struct net_address *other, uint32_t number)
{
    static const uint8_t documentation4[4] = {192, 0, 2, 1};
    static const uint8_t documentation6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    static const uint8_t loopback4[4] = {127, 0, 0, 1};
    if (own->kind == NET_UNIX || (own->kind == NET_UNKNOWN && other->kind == NET_UNIX)) {
        own->kind = NET_UNIX;
        make_up_unix(own, number);
        return;
    }
    if (own->kind == NET_UNKNOWN)
        own->kind = other->kind == NET_UNKNOWN ? NET_IP4 : other->kind;
    bool local = net_address_is_loopback(other);
    if (net_address_is_any(own) && own->kind == NET_IP4)
        memcpy(own->ip, local ? loopback4 : documentation4, 4);
    else if (net_address_is_any(own))
        memcpy(own->ip, local ? loopback6 : documentation6, 16);
    if (own->port == 0)
        own->port = (uint16_t)(49152 + number % 16384);
}

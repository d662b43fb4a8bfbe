/* Addresses of sockets in the one form that packets have: IPv4 or IPv6 with a port. Sockets of the
 * machine itself (AF_UNIX) get addresses made up from what they are called. */
#ifndef REPRISE_EXPORT_NET_ADDRESS_H
#define REPRISE_EXPORT_NET_ADDRESS_H

#include "base/map64.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum net_kind { NET_UNKNOWN = 0, NET_IP4, NET_IP6, NET_UNIX };

struct net_address {
    enum net_kind kind;
    uint8_t ip[16]; /* of IPv4 the first four */
    uint16_t port;
    uint32_t name; /* of NET_UNIX: place in struct net_names; 0: it has none */
};

/* Names of AF_UNIX sockets, each once, from place 1. */
struct net_names {
    struct {
        char *text;
        size_t len;
    } * v;
    size_t n, cap;
    struct map64 by_hash;
};

void net_names_done(struct net_names *names);

/* From a struct sockaddr. IPv4 in IPv6 becomes IPv4. NET_UNKNOWN: of another family, or too short.
 * 0 or -ENOMEM. */
int net_address_parse(struct net_names *names, const void *sockaddr, size_t len,
                      struct net_address *ret);

bool net_address_is_loopback(const struct net_address *a);
/* All of the machine's addresses: 0.0.0.0, :: */
bool net_address_is_any(const struct net_address *a);
/* The same, or one of them stands for any. */
bool net_address_fits(const struct net_address *bound, const struct net_address *wanted);

/* Sets what is not known of the `own` address of a connection, given that of the other side: an
 * address for documentation (RFC 5737, RFC 3849) or the loopback one, a port from 49152 on. Sockets
 * of the machine itself: fd00::1:N without a name, fd00::2:N with one (RFC 4193). */
void net_address_make_up(struct net_address *own, const struct net_address *other, uint32_t number);

#endif

/* Packets made up around bytes that went through sockets, in a pcapng file (one interface of raw
 * IP, times in nanoseconds). See draft-ietf-opsawg-pcapng. */
#ifndef REPRISE_EXPORT_PACKETS_H
#define REPRISE_EXPORT_PACKETS_H

#include "export/net_address.h"
#include "export/out.h"

#define PACKET_PAYLOAD_MAX 65000 /* fits into IPv4 and IPv6, with all headers */

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_PSH = 8, TCP_ACK = 16 };

struct packet {
    uint64_t time; /* ns since 1970 */
    const struct net_address *from, *to;
    bool is_tcp;   /* else UDP */
    uint8_t flags; /* enum tcp_flag */
    uint32_t seq, ack;
    const void *payload; /* `kept` bytes are there of `len`, which is at most PACKET_PAYLOAD_MAX */
    size_t kept, len;
    const char *comment;
};

/* Section, interface, and the names of made-up addresses. */
void packets_begin(struct out *out, const struct net_names *names, const char *program);
void packets_put(struct out *out, const struct packet *packet);

#endif

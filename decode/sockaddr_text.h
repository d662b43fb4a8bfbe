/* Socket addresses as text. All append to `out`; 0 or -ENOMEM. */
#ifndef REPRISE_DECODE_SOCKADDR_TEXT_H
#define REPRISE_DECODE_SOCKADDR_TEXT_H

#include "base/buf.h"
#include "decode/fd_follow.h"

#include <stddef.h>
#include <stdint.h>

/* "127.0.0.1:80", "[::1]:80", "/run/x.sock", "@name"; nothing for what it does not know. */
int address_text_short(const uint8_t *addr, size_t len, struct buf *out);

/* "TCP:[127.0.0.1:4242->127.0.0.1:80]", "UNIX-STREAM:[/run/x.sock]" ... */
int socket_text(const struct fd_object *o, struct buf *out);

#endif

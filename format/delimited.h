/* Length-delimited messages: a varint with the length, then the message. */
#ifndef REPRISE_FORMAT_DELIMITED_H
#define REPRISE_FORMAT_DELIMITED_H

#include "base/buf.h"

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

/* Appends a message. 0, -ENOMEM, or -EMSGSIZE when it would not fit a chunk. */
int delimited_append(struct buf *b, const ProtobufCMessage *message);

/* The message at data[*pos]; *pos moves behind it. 1: given, 0: the end, -EBADMSG: cut. */
int delimited_next(const uint8_t *data, size_t len, size_t *pos, const uint8_t **ret_message,
                   size_t *ret_len);

#endif

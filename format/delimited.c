/* Owns the framing of messages inside a payload. */
#include "format/delimited.h"

#include "format/bytes.h"
#include "format/chunk.h"

#include <errno.h>

int delimited_append(struct buf *b, const ProtobufCMessage *message)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    if (len > CHUNK_RAW_MAX - VARINT_MAX)
        return -EMSGSIZE;
    int r = buf_reserve(b, len + VARINT_MAX);
    if (r < 0)
        return r;
    b->len += put_varint(b->data + b->len, len);
    b->len += protobuf_c_message_pack(message, b->data + b->len);
    return 0;
}

int delimited_next(const uint8_t *data, size_t len, size_t *pos, const uint8_t **ret_message,
                   size_t *ret_len)
{
    if (*pos >= len)
        return 0;
    uint64_t message_len;
    size_t n = get_varint(data + *pos, len - *pos, &message_len);
    if (n == 0 || message_len > len - *pos - n)
        return -EBADMSG;
    *ret_message = data + *pos + n;
    *ret_len = (size_t)message_len;
    *pos += n + (size_t)message_len;
    return 1;
}

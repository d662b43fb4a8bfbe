/* Owns base64. */
#include "tools/base64.h"

#include <stdint.h>

int base64_append(struct buf *out, const void *data, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *p = data;
    int r = buf_reserve(out, (len + 2) / 3 * 4);
    if (r < 0)
        return r;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t n = (uint32_t)p[i] << 16;
        n |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
        n |= left > 2 ? p[i + 2] : 0;
        uint8_t *to = out->data + out->len;
        to[0] = (uint8_t)letters[n >> 18];
        to[1] = (uint8_t)letters[n >> 12 & 63];
        to[2] = (uint8_t)(left > 1 ? letters[n >> 6 & 63] : '=');
        to[3] = (uint8_t)(left > 2 ? letters[n & 63] : '=');
        out->len += 4;
    }
    return 0;
}

/* Owns the packing of blocks of the page. */
#include "export/pack.h"

#include "base/scope.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

static void put_base64(const uint8_t *s, size_t len, struct out *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char line[76];
    size_t n = 0;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)s[i] << 16;
        v |= i + 1 < len ? (uint32_t)s[i + 1] << 8 : 0;
        v |= i + 2 < len ? s[i + 2] : 0;
        line[n++] = digits[v >> 18];
        line[n++] = digits[v >> 12 & 63];
        line[n++] = i + 1 < len ? digits[v >> 6 & 63] : '=';
        line[n++] = i + 2 < len ? digits[v & 63] : '=';
        if (n == sizeof line) {
            out_bytes(out, line, n);
            n = 0;
        }
    }
    out_bytes(out, line, n);
}

int pack_base64(const void *data, size_t len, struct out *out)
{
    uLongf size = compressBound(len);
    uint8_t *packed SCOPE_FREE = malloc(size);
    if (packed == NULL || compress2(packed, &size, data, len, 6) != Z_OK)
        return -ENOMEM;
    put_base64(packed, size, out);
    return 0;
}

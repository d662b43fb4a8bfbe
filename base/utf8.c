/* Owns what is UTF-8 and what is not (RFC 3629): no overlong forms, no surrogates. */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>

size_t utf8_char(const uint8_t *s, size_t len)
{
    if (len == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
    bool too_large = s[0] == 0xf4 && s[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : n;
}

static int append_hex(struct buf *b, uint8_t byte)
{
    char hex[5];
    snprintf(hex, sizeof hex, "\\x%02x", byte);
    return buf_append(b, hex, 4);
}

int utf8_append(struct buf *b, const void *data, size_t len)
{
    const uint8_t *s = data;
    int r = 0;
    for (size_t i = 0; i < len && r == 0;) {
        size_t n = utf8_char(s + i, len - i);
        r = n == 0 ? append_hex(b, s[i]) : buf_append(b, s + i, n);
        i += n == 0 ? 1 : n;
    }
    return r;
}

/* Owns how numbers and bytes are spelled. */
#include "decode/text_out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int text_str(struct buf *out, const char *s)
{
    return buf_append(out, s, strlen(s));
}

int text_uint(struct buf *out, uint64_t v)
{
    char digits[24], *p = digits + sizeof digits;
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    return buf_append(out, p, (size_t)(digits + sizeof digits - p));
}

int text_int(struct buf *out, int64_t v)
{
    if (v >= 0)
        return text_uint(out, (uint64_t)v);
    int r = buf_append(out, "-", 1);
    return r == 0 ? text_uint(out, -(uint64_t)v) : r;
}

int text_hex(struct buf *out, uint64_t v)
{
    char digits[20], *p = digits + sizeof digits;
    if (v == 0)
        return buf_append(out, "0", 1);
    for (; v > 0; v >>= 4)
        *--p = "0123456789abcdef"[v & 15];
    *--p = 'x';
    *--p = '0';
    return buf_append(out, p, (size_t)(digits + sizeof digits - p));
}

int text_fmt(struct buf *out, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    int r = n < 0 ? -ENOMEM : buf_reserve(out, (size_t)n + 1);
    if (r == 0) {
        vsnprintf((char *)out->data + out->len, (size_t)n + 1, fmt, again);
        out->len += (size_t)n;
    }
    va_end(again);
    va_end(ap);
    return r;
}

/* ---- quoting ---- */

static bool is_text(uint8_t c)
{
    return (c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r');
}

static char letter_of(uint8_t c)
{
    switch (c) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\v':
        return 'v';
    }
    return 0;
}

static bool is_octal_digit(uint8_t c)
{
    return c >= '0' && c <= '7';
}

/* At most 4 bytes. `next`: the byte behind, or 0 at the end. */
static char *quote_byte(char *p, uint8_t c, uint8_t next)
{
    char letter = letter_of(c);
    if (letter != 0) {
        *p++ = '\\';
        *p++ = letter;
    } else if (c >= 0x20 && c < 0x7f) {
        *p++ = (char)c;
    } else {
        *p++ = '\\'; /* as short as can be read back */
        bool full = is_octal_digit(next);
        if (full || c >= 0100)
            *p++ = (char)('0' + (c >> 6));
        if (full || c >= 010)
            *p++ = (char)('0' + (c >> 3 & 7));
        *p++ = (char)('0' + (c & 7));
    }
    return p;
}

static char *quote_hex(char *p, uint8_t c)
{
    *p++ = '\\';
    *p++ = 'x';
    *p++ = "0123456789abcdef"[c >> 4];
    *p++ = "0123456789abcdef"[c & 15];
    return p;
}

static bool wants_hex(const uint8_t *data, size_t n, const struct call_text_style *style)
{
    if (style->hex_strings != 1)
        return style->hex_strings > 1;
    for (size_t i = 0; i < n; i++)
        if (!is_text(data[i]))
            return true;
    return false;
}

int text_quoted(struct buf *out, const uint8_t *data, size_t n, uint64_t len, bool string,
                const struct call_text_style *style)
{
    bool whole = n >= len;
    if (string && whole && n > 0 && data[n - 1] == 0)
        n = (size_t)--len;
    size_t show = n < style->string_max ? n : style->string_max;
    int r = buf_reserve(out, show * 4 + 8);
    if (r < 0)
        return r;
    char *start = (char *)out->data + out->len, *p = start;
    bool hex = wants_hex(data, show, style);
    *p++ = '"';
    for (size_t i = 0; i < show; i++)
        p = hex ? quote_hex(p, data[i]) : quote_byte(p, data[i], i + 1 < show ? data[i + 1] : 0);
    *p++ = '"';
    if (show < len)
        p = mempcpy(p, "...", 3);
    out->len += (size_t)(p - start);
    return 0;
}

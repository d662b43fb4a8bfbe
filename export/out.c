/* Owns the buffer in front of an output. */
#include "export/out.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_AT ((size_t)256 << 10)

int out_flush(struct out *o)
{
    size_t done = 0;
    while (o->error == 0 && done < o->b.len) {
        ssize_t n = write(o->fd, o->b.data + done, o->b.len - done);
        if (n < 0 && errno != EINTR)
            o->error = -errno;
        else if (n > 0)
            done += (size_t)n;
    }
    buf_clear(&o->b);
    return o->error;
}

void out_done(struct out *o)
{
    if (o != NULL)
        buf_done(&o->b);
}

void out_bytes(struct out *o, const void *data, size_t len)
{
    if (o->error == 0 && buf_append(&o->b, data, len) < 0)
        o->error = -ENOMEM;
    if (o->b.len >= FLUSH_AT && o->fd >= 0)
        out_flush(o);
}

void out_str(struct out *o, const char *text)
{
    out_bytes(o, text, strlen(text));
}

void out_fmt(struct out *o, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof text)
        o->error = o->error != 0 ? o->error : -EOVERFLOW;
    else
        out_bytes(o, text, (size_t)n);
}

static const char *escape_of(uint8_t c, char scratch[8])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    case '\r':
        return "\\r";
    }
    snprintf(scratch, 8, "\\u%04x", c);
    return scratch;
}

void out_json(struct out *o, const void *data, size_t len)
{
    const uint8_t *s = data;
    out_bytes(o, "\"", 1);
    for (size_t i = 0, plain; i < len; i += plain) {
        for (plain = 0; i + plain < len;) {
            uint8_t c = s[i + plain];
            size_t n = c < 0x20 || c == '"' || c == '\\' || c == 0x7f
                           ? 0
                           : utf8_char(s + i + plain, len - i - plain);
            if (n == 0)
                break;
            plain += n;
        }
        out_bytes(o, s + i, plain);
        if (i + plain >= len)
            break;
        char scratch[8];
        uint8_t c = s[i + plain++];
        if (c < 0x80)
            out_str(o, escape_of(c, scratch));
        else
            out_fmt(o, "\\\\x%02x", c);
    }
    out_bytes(o, "\"", 1);
}

void out_json_str(struct out *o, const char *text)
{
    out_json(o, text, strlen(text));
}

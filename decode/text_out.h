/* Small pieces of text: numbers and quoted bytes. All append to `out`; 0 or -ENOMEM. */
#ifndef REPRISE_DECODE_TEXT_OUT_H
#define REPRISE_DECODE_TEXT_OUT_H

#include "base/buf.h"
#include "decode/call_text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int text_str(struct buf *out, const char *s);
int text_int(struct buf *out, int64_t v);
int text_uint(struct buf *out, uint64_t v);
/* 0x1f; 0 is "0" */
int text_hex(struct buf *out, uint64_t v);
int text_fmt(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "bytes\n"... as strace quotes them: `n` bytes are there of `len`; at most style->string_max are
 * shown, then dots. `string`: the last byte is a NUL that is not shown, when all is there. */
int text_quoted(struct buf *out, const uint8_t *data, size_t n, uint64_t len, bool string,
                const struct call_text_style *style);

#endif

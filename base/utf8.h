/* Characters in UTF-8. */
#ifndef REPRISE_BASE_UTF8_H
#define REPRISE_BASE_UTF8_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

/* Length of the character at the start of data, 0: there is none. */
size_t utf8_char(const uint8_t *data, size_t len);

/* Appends bytes as UTF-8: what is not UTF-8 becomes the four characters \xNN. 0 or -ENOMEM. */
int utf8_append(struct buf *b, const void *data, size_t len);

#endif

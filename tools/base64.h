/* Bytes as text for JSON: RFC 4648, with padding. */
#ifndef REPRISE_TOOLS_BASE64_H
#define REPRISE_TOOLS_BASE64_H

#include "base/buf.h"

#include <stddef.h>

/* Appends; 0 or -ENOMEM. */
int base64_append(struct buf *out, const void *data, size_t len);

#endif

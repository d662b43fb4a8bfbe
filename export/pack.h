/* Bytes deflated (zlib) and written in base64. */
#ifndef REPRISE_EXPORT_PACK_H
#define REPRISE_EXPORT_PACK_H

#include "export/out.h"

/* Appends the packed form of data to `out`. 0 or -ENOMEM; failures of `out` stick to it. */
int pack_base64(const void *data, size_t len, struct out *out);

#endif

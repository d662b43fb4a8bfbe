/* Which file is mapped where, to name code addresses in reports. */
#ifndef REPRISE_REPLAYER_MODULES_H
#define REPRISE_REPLAYER_MODULES_H

#include "format/trace.pb-c.h"

#include <stddef.h>
#include <stdint.h>

struct modules;
/* Never NULL but when memory is out, which every function here takes as "knows nothing". */
struct modules *modules_new(void);
struct modules *modules_copy(const struct modules *m);
void modules_unref(struct modules *m);
void modules_add(struct modules *m, const Reprise__Mapping *mapping);
/* "libc.so.6+0x1234", or the bare address. */
void modules_name(const struct modules *m, uint64_t addr, char *buf, size_t size);

#endif

/* Debug information that this machine has installed. Private to symbols/. */
#ifndef REPRISE_SYMBOLS_HOST_DEBUG_H
#define REPRISE_SYMBOLS_HOST_DEBUG_H

#include <stddef.h>
#include <stdint.h>

/* A descriptor of /usr/lib/debug/.build-id/12/3456.debug, and its size; -errno: there is none. */
int host_debug_open(const uint8_t *id, size_t len, uint64_t *ret_size);

#endif

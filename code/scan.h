/* The byte search: where something could be an instruction that tells of the machine. Private to
 * code/. */
#ifndef REPRISE_CODE_SCAN_H
#define REPRISE_CODE_SCAN_H

#include <stddef.h>
#include <stdint.h>

/* The first place from `from` on, of its 0f, that is none of the prefixes; len: there is none. */
size_t scan_next(const uint8_t *code, size_t len, size_t from);
/* The same, as it is done on a CPU without AVX2. */
size_t scan_next_on_any_cpu(const uint8_t *code, size_t len, size_t from);

#endif

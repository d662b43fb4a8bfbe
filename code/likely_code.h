/* Whether bytes look like code of a user program. Private to code/. */
#ifndef REPRISE_CODE_LIKELY_CODE_H
#define REPRISE_CODE_LIKELY_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the instruction at `start`, those behind it and those that lead to it (as most ways do)
 * are all such as compilers and people write. Of data that looks like code by accident, few does.
 */
bool likely_code_around(const uint8_t *code, size_t len, size_t start);

#endif

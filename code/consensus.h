/* Instructions by vote: x86 code that is decoded from a wrong place soon falls into step with the
 * right one, so most ways through the bytes before an instruction lead to its start, and few lead
 * into the middle of one. Private to code/. */
#ifndef REPRISE_CODE_CONSENSUS_H
#define REPRISE_CODE_CONSENSUS_H

#include "code/wanted.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct consensus {
    unsigned percent; /* of the ways that lead to the instruction */
    size_t start;     /* its first byte */
};

/* Whether any instruction that is wanted, wherever it begins, can have its mark at `at`. Quick. */
bool consensus_is_possible(const struct wanted *wanted, const uint8_t *code, size_t len, size_t at);

/* at: the mark of something that can be an instruction that is wanted. False: whatever comes
 * before, it is none. */
bool consensus_at(const struct wanted *wanted, const uint8_t *code, size_t len, size_t at,
                  struct consensus *ret);

#endif

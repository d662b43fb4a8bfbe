/* Pieces of machine code that try to get out of a replay. */
#ifndef REPRISE_TESTS_ADVERSARY_HOSTILE_CODE_H
#define REPRISE_TESTS_ADVERSARY_HOSTILE_CODE_H

#include <stddef.h>
#include <stdint.h>

struct hostile_code {
    const uint8_t *bytes;
    size_t len;
};

extern const struct hostile_code hostile_codes[];
extern const size_t n_hostile_codes;

#endif

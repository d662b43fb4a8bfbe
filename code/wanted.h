/* What a search looks for: instructions that one byte of theirs, the mark, gives away. Private to
 * code/. */
#ifndef REPRISE_CODE_WANTED_H
#define REPRISE_CODE_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wanted {
    /* The first place from `from` on that may be the mark of one; len: there is none. */
    size_t (*next)(const uint8_t *code, size_t len, size_t from);
    /* Whether the instruction that begins at `start` is one, and has its mark at `at`. */
    bool (*begins)(const uint8_t *code, size_t len, size_t start, size_t at);
};

extern const struct wanted wanted_machine; /* machine_code.h */
extern const struct wanted wanted_vendor;  /* vendor_insn.h */

#endif

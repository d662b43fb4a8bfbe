/* Where in an ELF file code is, as far as its first bytes tell: what else is in it need not be
 * searched. Nothing depends on its being true but the cost (code/code_marks.h). */
#ifndef REPRISE_CODE_CODE_EXTENT_H
#define REPRISE_CODE_CODE_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes at the beginning of a file that mostly suffice. */
#define CODE_EXTENT_HEAD 4096

/* The first `len` bytes of a file, which may be hostile. Its executable segments, as whole pages,
 * are in [from, to); where it has none that is empty. False: they do not tell. */
bool code_extent_read(const uint8_t *head, size_t len, uint64_t *ret_from, uint64_t *ret_to);

#endif

/* The innermost loop around a preemption point, where it is plain: it can run as a copy beside the
 * check, and then an arrival costs no jump to the check and back. The program's own code stays as
 * it is, for who comes from elsewhere. */
#ifndef REPRISE_REPLAYER_CHECK_ROUND_H
#define REPRISE_REPLAYER_CHECK_ROUND_H

#include "task/landmark.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHECK_ROUND       32  /* instructions, at most */
#define CHECK_ROUND_BYTES 192 /* of code, at most */

/* From the first instruction to the jump that leads back to it, with no branch in between but
 * conditional jumps out of the loop, and back to its beginning. */
struct check_round {
    uint64_t start, end;
    struct insn insns[CHECK_ROUND];
    size_t n;
    size_t at; /* the landmark's first instruction is the at-th */
    uint8_t code[CHECK_ROUND_BYTES];
};

/* Where code is read: how many of `len` bytes at `addr` could be read, 0 or negative: none. */
typedef long check_round_read(void *ctx, uint64_t addr, uint8_t *code, size_t len);

/* The loop around the landmark. False: there is none, or it is not plain. */
bool check_round_find(struct insn_decoder *d, const struct landmark *landmark,
                      check_round_read *read, void *ctx, struct check_round *ret);

#endif

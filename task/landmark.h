/* Places in code where a five-byte jump can stand in for what is there, so that replay can look at
 * the task each time it comes by. */
#ifndef REPRISE_TASK_LANDMARK_H
#define REPRISE_TASK_LANDMARK_H

#include "task/machine_insn.h"

#define LANDMARK_JUMP 5 /* bytes of a jmp rel32 */

/* The instructions, from the place on, that the jump takes the room of: one of five bytes or more,
 * or several, of which only the last may be a jump. */
struct landmark {
    struct insn insns[LANDMARK_JUMP];
    size_t n;
    size_t len; /* bytes of all */
};

#define LANDMARK_CODE (LANDMARK_JUMP - 1 + INSN_MAX_LEN) /* bytes to look at, at most */

/* Whether the byte before a place belongs to an instruction that begins before it: a lock prefix,
 * behind which code is known to jump. A jump in that place would be locked, which is a fault. */
bool landmark_is_behind_lock(uint8_t byte_before);

/* Whether the code at addr is such a place, as far as that code tells. */
bool landmark_find(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr,
                   struct landmark *ret);

/* Whether a jump in the code at addr, which should be that around the place, leads into its midst:
 * to another than the first instruction. Code that is decoded from a wrong start soon comes right.
 */
bool landmark_is_entered_by(const struct landmark *landmark, struct insn_decoder *d,
                            const uint8_t *code, size_t len, uint64_t addr);

#define LANDMARK_FLAGS_AHEAD 64 /* bytes of code in which the flags may be overwritten */

/* Whether the flags that calculations set are overwritten by the code at addr before it reads them,
 * wherever it goes. */
bool landmark_flags_are_dead(struct insn_decoder *d, const uint8_t *code, size_t len,
                             uint64_t addr);

/* Whether bytes that start with this one raise a fault whatever follows. */
bool landmark_byte_traps(uint8_t byte);

#endif

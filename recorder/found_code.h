/* Instructions that tell of the machine in code of which no file tells: made at run time, or of a
 * file that leaves it in doubt. */
#ifndef REPRISE_RECORDER_FOUND_CODE_H
#define REPRISE_RECORDER_FOUND_CODE_H

#include "code/code_finder.h"
#include "recorder/record_state.h"

/* The longest instruction. */
#define FOUND_INSN_MAX 15u

/* Appends what is found in the memory of a stopped task in [start, end), a page or less, by
 * address; also what begins in the bytes before, or ends behind. entry: where an instruction is
 * about to be executed; 0: not known. */
void found_code_look(struct recorder *r, struct task *t, uint64_t start, uint64_t end,
                     uint64_t entry, struct code_sites *ret);

#endif

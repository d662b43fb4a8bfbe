/* How long instructions are, and which of them end a run of code. All of x86-64 that user programs
 * contain, up to AVX-512 and XOP, but not what is encoded with REX2 (APX). Intel SDM vol. 2,
 * appendix A "Opcode Map". */
#ifndef REPRISE_CODE_INSN_H
#define REPRISE_CODE_INSN_H

#include <stddef.h>
#include <stdint.h>

enum insn_kind {
    INSN_UNKNOWN, /* no instruction, or cut short by the end of the bytes */
    INSN_PLAIN,
    INSN_END, /* ret, jmp, ud2, int3, hlt: what follows is not reached from here */
    INSN_NOP, /* the fillers that assemblers align with */
};

/* The kind of the instruction at p, of which `len` bytes are there, and its length. */
enum insn_kind insn_decode(const uint8_t *p, size_t len, size_t *ret_len);

#endif

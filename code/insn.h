/* How long instructions are, and which of them end a run of code. All of x86-64 that user programs
 * contain, up to AVX-512 and XOP, but not what is encoded with REX2 (APX). Intel SDM vol. 2,
 * appendix A "Opcode Map". */
#ifndef REPRISE_CODE_INSN_H
#define REPRISE_CODE_INSN_H

#include <stdbool.h>
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

/* Its length only, in half of the time; 0: INSN_UNKNOWN. */
size_t insn_size(const uint8_t *p, size_t len);

/* The same in more detail. */
struct insn_parts {
    enum insn_kind kind;
    size_t len;
    uint8_t map; /* 1: of opcodes of one byte, 2: behind 0f, 0: of others */
    uint8_t opcode;
    size_t operand;   /* where the bytes behind the opcode begin */
    bool jumps;       /* a direct jump or call, or may be one */
    int64_t distance; /* of it, from the instruction's end */
};
/* False: INSN_UNKNOWN. */
bool insn_read(const uint8_t *p, size_t len, struct insn_parts *ret);

#endif

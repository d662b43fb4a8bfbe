/* How long instructions are, and which of them end a run of code. For the x86-64 instructions that
 * compilers put around system calls; what it does not know, it says so. Intel SDM vol. 2, appendix
 * A "Opcode Map". */
#ifndef REPRISE_TASK_INSN_H
#define REPRISE_TASK_INSN_H

#include <stddef.h>
#include <stdint.h>

enum insn_kind {
    INSN_UNKNOWN, /* also: cut short by the end of the bytes */
    INSN_PLAIN,
    INSN_END, /* ret, jmp, ud2, int3: what follows is not reached from here */
    INSN_NOP, /* the fillers that assemblers align with */
};

/* The kind of the instruction at p, of which `len` bytes are there, and its length. */
enum insn_kind insn_decode(const uint8_t *p, size_t len, size_t *ret_len);

#endif

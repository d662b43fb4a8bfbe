/* Instructions that tell of the machine: what a program learns by them is not the same on each CPU
 * or in each run. Intel SDM vol. 2. */
#ifndef REPRISE_CODE_MACHINE_CODE_H
#define REPRISE_CODE_MACHINE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum machine_insn_kind {
    MACHINE_NONE,
    MACHINE_CPUID,  /* 0f a2 */
    MACHINE_RDTSC,  /* 0f 31 */
    MACHINE_RDTSCP, /* 0f 01 f9 */
    MACHINE_XGETBV, /* 0f 01 d0 */
    MACHINE_RDRAND, /* 0f c7 /6, a register */
    MACHINE_RDSEED, /* 0f c7 /7, a register */
    MACHINE_RDPID,  /* f3 0f c7 /7, a register */
    /* What saves and restores the state of FPU and vector registers, in memory. With REX.W it is
     * fxsave64, xsave64 ... */
    MACHINE_FXSAVE,   /* 0f ae /0 */
    MACHINE_XSAVE,    /* 0f ae /4 */
    MACHINE_XRSTOR,   /* 0f ae /5 */
    MACHINE_XSAVEOPT, /* 0f ae /6 */
    MACHINE_XSAVEC,   /* 0f c7 /4 */
};
#define MACHINE_LAST MACHINE_XSAVEC

struct machine_insn {
    uint64_t offset; /* of its first byte, which may be a prefix */
    uint8_t len;     /* prefixes included */
    enum machine_insn_kind kind;
    /* rdrand, rdseed, rdpid: where the answer goes. 0 rax, 1 rcx ... 15 r15 (the CPU's numbers),
     * and its size: 2, 4 (the upper half becomes 0) or 8 bytes. Of those that save and restore
     * state: 8 with REX.W, else 4. */
    uint8_t reg, size;
    /* Where the function around it begins and ends, counted as `offset` is, if code/code_finder.h
     * knows by unwind information; else both 0. */
    uint64_t function, function_end;
};

/* Whether the bytes at p, of which `len` are there, are such an instruction, behind any prefixes
 * that do not matter. Its offset is 0. For bytes that are known to begin an instruction: in others
 * this finds accidents (code/code_finder.h). */
bool machine_insn_at(const uint8_t *p, size_t len, struct machine_insn *ret);

/* rdtsc, rdtscp. */
static inline bool machine_insn_reads_tsc(enum machine_insn_kind kind)
{
    return kind == MACHINE_RDTSC || kind == MACHINE_RDTSCP;
}

/* "cpuid"; for messages. */
const char *machine_insn_name(enum machine_insn_kind kind);

#endif

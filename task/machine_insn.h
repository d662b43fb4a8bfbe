/* What has to be known of one instruction to step over it, to move it, and to see what it writes.
 */
#ifndef REPRISE_TASK_MACHINE_INSN_H
#define REPRISE_TASK_MACHINE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#define INSN_MAX_LEN 15
#define INSN_ALWAYS  16

/* A memory operand. Registers are word numbers of struct user_regs_struct, or INSN_NO_REG. */
#define INSN_NO_REG 0xff
struct insn_operand {
    uint8_t base, index, scale; /* index * scale */
    uint8_t segment;            /* word number of fs_base or gs_base, or INSN_NO_REG */
    uint8_t size;               /* bytes */
    bool by_rip;                /* disp counts from the end of the instruction */
    int64_t disp;
};

/* What becomes of the flags CF, PF, AF, ZF, SF and OF. */
enum insn_flags {
    INSN_FLAGS_UNKNOWN, /* read, or written in part, or not known */
    INSN_FLAGS_KEPT,
    INSN_FLAGS_OVERWRITTEN, /* all of them, or left undefined, and none is read */
};

struct insn {
    uint64_t addr;
    uint8_t len;
    bool branches;      /* may go elsewhere than to the next instruction */
    bool enters_kernel; /* a system call, or an instruction that exists to trap */
    bool shows_flags;   /* reads or sets TF, or delays traps: must not be single-stepped */
    bool repeats;       /* rep prefix with a string instruction: may be stopped half done */
    bool locked;        /* lock prefix, which code may jump behind */
    bool jumps;         /* a jump to `target`, on condition `condition`; it branches, too */
    uint8_t condition;  /* as in the opcode of jcc, or INSN_ALWAYS */
    uint64_t target;
    enum insn_flags flags;
    uint8_t rip_at; /* offset of a 32-bit displacement that counts from rip; 0: none */
    uint8_t n_written;
    struct insn_operand written[2];
};

struct insn_decoder;
/* NULL when memory is out. */
struct insn_decoder *insn_decoder_new(void);
void insn_decoder_free(struct insn_decoder *d);

/* Decodes the instruction that the bytes start with. False: it is not known, or not whole. */
bool machine_insn_decode(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr,
                         struct insn *ret);

/* Where an operand lies, with the registers as they are before the instruction. */
uint64_t machine_insn_operand_address(const struct insn *insn, const struct insn_operand *op,
                                      const struct user_regs_struct *regs);

#endif

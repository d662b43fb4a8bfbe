/* Operands of instructions as the CPU's own numbers tell them: general registers, and addresses in
 * memory. Intel SDM vol. 2, 2.1.5 "Addressing-Mode Encoding of ModR/M and SIB Bytes". */
#ifndef REPRISE_TASK_MEMORY_OPERAND_H
#define REPRISE_TASK_MEMORY_OPERAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

/* 0 rax, 1 rcx ... 15 r15. */
unsigned long long *general_register(struct user_regs_struct *regs, unsigned number);

/* Where the operand of the instruction that the bytes begin with lies, with the registers as they
 * are before it, rip at its first byte. False: it has none in memory. */
bool memory_operand_address(const uint8_t *code, size_t len, const struct user_regs_struct *regs,
                            uint64_t *ret);

#endif

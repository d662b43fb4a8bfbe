/* The registers of a program as code that was put into it saves them: in memory of that code's own,
 * since the program's stack has a red zone below it. Shared by C and assembler. */
#ifndef REPRISE_TASK_STUB_REGS_H
#define REPRISE_TASK_STUB_REGS_H

#define STUB_REGS_SIZE 128
#define STUB_REGS_RAX  48
#define STUB_REGS_RDI  56
#define STUB_REGS_RSI  64
#define STUB_REGS_RDX  72
#define STUB_REGS_R8   88
#define STUB_REGS_R9   96
#define STUB_REGS_RCX  104

#ifdef __ASSEMBLER__

/* rsp is at the place of the program's rsp, which is stored there. All registers but rsp and the
 * direction flag stay as they are. */
.macro stub_save
    pushfq
    cld
    pushq %rcx
    pushq %r9
    pushq %r8
    pushq %r10
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rax
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
.endm

/* rsp is at r15's place, and comes to that of the flags. */
.macro stub_restore
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %rax
    popq %rdi
    popq %rsi
    popq %rdx
    popq %r10
    popq %r8
    popq %r9
    popq %rcx
.endm

#else

#include <stddef.h>
#include <stdint.h>

/* The lowest address first. */
struct stub_regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, rax, rdi, rsi, rdx, r10, r8, r9;
    uint64_t rcx; /* behind the program's syscall instruction */
    uint64_t flags, rsp;
};
_Static_assert(sizeof(struct stub_regs) == STUB_REGS_SIZE, "the assembler knows");
_Static_assert(offsetof(struct stub_regs, rax) == STUB_REGS_RAX, "the assembler knows");
_Static_assert(offsetof(struct stub_regs, rdi) == STUB_REGS_RDI, "the assembler knows");
_Static_assert(offsetof(struct stub_regs, r8) == STUB_REGS_R8, "the assembler knows");
_Static_assert(offsetof(struct stub_regs, rcx) == STUB_REGS_RCX, "the assembler knows");

#endif
#endif

/* Owns the way into the fast stub and back. rcx and r11 are free: the syscall instruction destroys
 * both, leaving the address behind it in rcx and the flags in r11. All registers are kept in the
 * queue, so that the program's stack, which has a red zone below it, stays untouched. */
#include "replayer/fast_stub.h"

/* From struct fast_regs, r15 being at the top of the stack. */
.macro restore
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

    .section fast_stub, "ax", @progbits
    .globl fast_stub_enter, fast_stub_bail, fast_stub_slow
fast_stub_enter:
    movabsq $(FAST_QUEUE + FAST_FIRST_CALL - 8), %r11
    movq %rsp, (%r11)
    movq %r11, %rsp
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
    movq %rsp, %rdi
    movabsq $FAST_QUEUE, %rsi
    call fast_stub_answer
    testb %al, %al
    jz make_the_call
    restore
    movq (%rsp), %r11
    popfq
    popq %rsp
    jmpq *%rcx

fast_stub_bail:
    movabsq $(FAST_QUEUE + FAST_REGS), %rsp
    movq FAST_REGS_RCX(%rsp), %rcx
    movabsq $(FAST_QUEUE + FAST_SLOW_IP), %r11
    movq %rcx, (%r11)
make_the_call:
    restore
    popfq
    popq %rsp
    syscall
fast_stub_slow:
    ud2 /* the replayer sets the way on */

    .section .note.GNU-stack, "", @progbits

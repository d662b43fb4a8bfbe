/* Owns the way into the fast stub and back. rcx and r11 are free: the syscall instruction destroys
 * both, leaving the address behind it in rcx and the flags in r11. All registers are kept in the
 * queue, so that the program's stack, which has a red zone below it, stays untouched. */
#include "replayer/fast_stub.h"

    .section fast_stub, "ax", @progbits
    .globl fast_stub_enter, fast_stub_bail, fast_stub_slow
fast_stub_enter:
    movabsq $(FAST_QUEUE + FAST_FIRST_CALL - 8), %r11
    movq %rsp, (%r11)
    movq %r11, %rsp
    stub_save
    movq %rsp, %rdi
    movabsq $FAST_QUEUE, %rsi
    call fast_stub_answer
    testb %al, %al
    jz make_the_call
    stub_restore
    movq (%rsp), %r11
    popfq
    popq %rsp
    jmpq *%rcx

fast_stub_bail:
    movabsq $(FAST_QUEUE + FAST_REGS), %rsp
    movq STUB_REGS_RCX(%rsp), %rcx
    movabsq $(FAST_QUEUE + FAST_SLOW_IP), %r11
    movq %rcx, (%r11)
make_the_call:
    stub_restore
    popfq
    popq %rsp
    syscall
fast_stub_slow:
    ud2 /* the replayer sets the way on */

    .section .note.GNU-stack, "", @progbits

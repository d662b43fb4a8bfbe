/* Owns the way into the stub and back, and its syscall instructions. rcx and r11 are free: the
 * syscall instruction destroys both, leaving the address behind it in rcx and the flags in r11. All
 * registers are kept in the data, so that the program's stack, which has a red zone below it, stays
 * untouched. stub_leave.c knows what can be found at each of these places. */
#include "recorder/call_stub.h"

    .section call_stub, "ax", @progbits
    .globl call_stub_enter, call_stub_switched, call_stub_pushed, call_stub_saved, call_stub_make, call_stub_made
    .globl call_stub_noted, call_stub_own_call, call_stub_own, call_stub_slow, call_stub_look
call_stub_enter:
    movabsq $(CALL_DATA + CALL_REGS_END - 8), %r11
    movq %rsp, (%r11)
    movq %r11, %rsp
call_stub_switched:
    stub_save
call_stub_pushed:
    movabsq $CALL_DATA, %rsi
    movl $CALL_BEFORE, CALL_PHASE(%rsi)
call_stub_saved:
    movq %rsp, %rdi
    call call_stub_answer
    cmpl $1, %eax
    jb 1f
    ja 2f
    stub_restore
    movq (%rsp), %r11
    popfq
    popq %rsp
    jmpq *%rcx
1:  stub_restore
    popfq
    popq %rsp
    syscall
call_stub_slow:
    ud2 /* the recorder sets the way on */
2:  movl $39, %eax /* getpid: never runs */
    syscall
call_stub_look:
    ud2

/* rdi is the data, later rbx. */
call_stub_make:
    pushq %rbx
    movq %rdi, %rbx
    movq CALL_REGS + STUB_REGS_RAX(%rbx), %rax
    movq CALL_REGS + STUB_REGS_RSI(%rbx), %rsi
    movq CALL_REGS + STUB_REGS_RDX(%rbx), %rdx
    movq CALL_R10(%rbx), %r10
    movq CALL_REGS + STUB_REGS_R8(%rbx), %r8
    movq CALL_REGS + STUB_REGS_R9(%rbx), %r9
    movq CALL_REGS + STUB_REGS_RDI(%rbx), %rdi
    syscall
call_stub_made:
    movq %rax, CALL_RESULT(%rbx)
    movl $CALL_MADE, CALL_PHASE(%rbx)
call_stub_noted:
    popq %rbx
    ret

call_stub_own_call:
    movq %rdi, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    syscall
call_stub_own:
    ret

    .section .note.GNU-stack, "", @progbits

/* A system call with room behind it, so that replay can redirect its instruction: fillers follow
 * the ret. The code stands on a page of its own and needs no place in particular. */
#ifndef REPRISE_TESTS_QUICK_CALL_H
#define REPRISE_TESTS_QUICK_CALL_H

#define QUICK_CALL_SIZE 32

/* The call of this number, with three arguments. */
long quick_call(long number, long a, long b, long c);

__asm__(".pushsection .text\n"
        ".balign 4096\n"
        ".globl quick_call\n"
        "quick_call:\n"
        "    mov %rdi, %rax\n    mov %rsi, %rdi\n    mov %rdx, %rsi\n    mov %rcx, %rdx\n"
        "    mov %rax, %rax\n"
        "    syscall\n"
        "    ret\n"
        "    .balign 16\n"
        "    ud2\n"
        ".popsection\n");

#endif

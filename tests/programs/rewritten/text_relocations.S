/* A function with an address in its code that the dynamic linker has to fill in there (-z notext). */
    .text
    .globl library_tells
    .type library_tells, @function
library_tells:
    push %rbx
    mov %edi, %eax
    xor %ecx, %ecx
    cpuid
    mov %ebx, %esi
    pop %rbx
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    movabs $cell, %rcx
    mov %esi, (%rcx)
    mov (%rcx), %edx
    ret
    .size library_tells, . - library_tells
    .data
cell: .quad 0
    .section .note.GNU-stack,"",@progbits

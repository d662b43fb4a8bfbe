/* What fuzz_code.c begins with: instructions that tell of the machine, and all tables by which
 * functions are found. */
    .text
    .globl first
    .type first, @function
first:
    .cfi_startproc
    push %rbx
    .cfi_adjust_cfa_offset 8
    cpuid
    rdtsc
    fxsave64 (%rdi)
    rdrand %eax
    rcpps %xmm0, %xmm1
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size first, . - first
    .quad 0xa20f0000310f /* none of them, in data */
    .globl second
    .type second, @function
second:
    .cfi_startproc
    xgetbv
    rdtscp
    xsave (%rdi)
    jmp first
    .cfi_endproc
    .size second, . - second
end:

/* Go's table of functions (code/go_table.c), of Go 1.20. */
    .section .gopclntab, "aw", @progbits
table:
    .long 0xfffffff1
    .byte 0, 0, 1, 8
    .quad 2, 0, first, 0, 0, 0, 0, functions - table
functions:
    .long 0, 0
    .long second - first, 0
    .long end - first, 0

    .section .note.GNU-stack, "", @progbits

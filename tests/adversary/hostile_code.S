/* Owns the pieces of code that are planted in traces. They run in replayed tasks only. */
#include "replayer/fast_stub.h"

#include <asm/unistd.h>

/* sched.h, signal.h: what is no C may not read those. */
#define CLONE_UNTRACED 0x00800000
#define SIGCHLD        17
#define CODE_OF_32     0x23
#define CODE_OF_64     0x33

    .section .rodata

/* piece: what stands between this and the next `end` is one entry of the table. */
.macro piece
    .pushsection .hostile_code, "a", @progbits
9:
.endm
.macro end
8:
    .popsection
    .pushsection .data.rel.ro.hostile, "aw", @progbits
    .quad 9b, 8b - 9b
    .popsection
    .set count, count + 1
.endm
.set count, 0

    .pushsection .data.rel.ro.hostile, "aw", @progbits
    .balign 8
    .globl hostile_codes
hostile_codes:
    .popsection

/* A directory below the current one; its name is on the stack. */
piece
    movabs $0x656d6167, %rax
    push %rax
    mov %rsp, %rdi
    mov $0x1c0, %esi
    mov $__NR_mkdir, %eax
    syscall
end

/* A process that nobody sees and that nobody ends, but by the limit of its time. */
piece
    mov $__NR_clone, %eax
    mov $(CLONE_UNTRACED | SIGCHLD), %edi
    xor %esi, %esi
    xor %edx, %edx
    syscall
    test %eax, %eax
    jnz 1f
    mov $__NR_pause, %eax
    syscall
1:
end

/* The same by the other entries of the kernel. */
piece
    mov $39, %eax /* mkdir of 32-bit programs */
    mov %rsp, %rbx
    mov $0x1c0, %ecx
    int $0x80
end
piece
    mov $39, %eax
    sysenter
end
piece
    mov $(__NR_getpid | 0x40000000), %eax /* of x32 */
    syscall
end

/* Code of 32 bits. */
piece
    push $CODE_OF_32
    lea 1f(%rip), %rax
    push %rax
    lretq
1:  mov $39, %eax
    int $0x80
    syscall
end
piece
    mov %rsp, %rax
    push $0x2b
    push %rax
    pushfq
    push $CODE_OF_32
    lea 1f(%rip), %rax
    push %rax
    iretq
1:  nop
    int $0x80
end

/* By the code of the replay: its call, its stub, its trap; with registers that ask for much. */
.macro by_place place
    piece
    mov $__NR_mkdir, %eax
    movabs $\place, %rcx
    jmp *%rcx
    end
    piece
    mov $__NR_mmap, %eax
    xor %edi, %edi
    mov $0x1000, %esi
    mov $7, %edx
    mov $0x22, %r10d
    or $-1, %r8
    xor %r9d, %r9d
    movabs $\place, %rcx
    call *%rcx
    end
.endm
by_place STUB_ADDR
by_place (STUB_ADDR + 2)
by_place FAST_CODE
by_place (FAST_CODE + 0x40)
by_place (FAST_QUEUE + 0x100)

/* A process by the call of the replay. */
piece
    mov $__NR_clone, %eax
    mov $(0x8000 | 0x400 | SIGCHLD), %edi
    xor %esi, %esi
    movabs $STUB_ADDR, %rcx
    jmp *%rcx
end

/* Its queue, which tasks can write: lengths, places, all of it. */
piece
    movabs $FAST_QUEUE, %rdi
    or $-1, %rax
    mov $16, %ecx
    cld
    rep stosq
    mov $__NR_getpid, %eax
    syscall
end
piece
    movabs $(FAST_QUEUE + FAST_FIRST_CALL), %rdi
    mov $0x7fffffff, %eax
    mov $4096, %ecx
    cld
    rep stosl
    mov $__NR_getpid, %eax
    syscall
end
piece
    movabs $FAST_MAIL, %rdi
    movabs $STUB_ADDR, %rax
    mov $(FAST_MAIL_SIZE / 8), %ecx
    cld
    rep stosq
    mov $__NR_mmap, %eax
    syscall
end
piece
    movabs $FAST_QUEUE, %rax
    movq $0x1000, (%rax)
    movq $0x7ffffff8, 8(%rax)
    movabs $FAST_CODE, %rcx
    jmp *%rcx
end

/* The time, by the page that ptrace does not see. */
piece
    mov $0xffffffffff600000, %rax
    mov %rsp, %rdi
    call *%rax
end

/* Instructions that trap, or that ptrace and single steps are confused by. */
piece
    rdtsc
end
piece
    cpuid
end
piece
    int3
end
piece
    .byte 0xf1 /* icebp */
end
piece
    ud2
end
piece
    hlt
end
piece
    pushfq
    orl $0x100, (%rsp)
    popfq
    nop
    mov $__NR_getpid, %eax
    syscall
end
piece
    mov %ss, %eax
    mov %eax, %ss
    syscall
end
piece
    pushfq
    orl $0x44000, (%rsp) /* NT, AC */
    popfq
    syscall
end
piece
    movabs $STUB_ADDR, %rax
    wrfsbase %rax
    mov %fs:0, %rax
end
piece
    movabs $STUB_ADDR, %rax
    movb $0x90, (%rax)
end
piece
    lea -0x100000(%rsp), %rsp
    push %rax
    syscall
end
/* Memory, as much as there is: of the stack, and of what lies above some place. */
piece
1:  push %rax
    lea -0xff8(%rsp), %rsp
    jmp 1b
end
piece
1:  mov %al, (%rdi)
    lea 0x1000(%rdi), %rdi
    jmp 1b
end
piece
    xor %eax, %eax
    xbegin 1f
    syscall
    xend
1:
end
piece
    jmp . /* for ever */
end

    .globl n_hostile_codes
    .balign 8
n_hostile_codes:
    .quad count

    .section .note.GNU-stack, "", @progbits

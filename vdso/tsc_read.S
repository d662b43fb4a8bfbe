/* Owns the code of tsc_read.h. Nothing here changes flags: what counts, adds by lea; what branches,
 * does so by rcx. */
#include "vdso/tsc_read.h"

/* struct clock_ring of clock_ring.h */
#define RING(field) clock_ring + field(%rip)
#define N    0
#define LEFT 8
#define AUX  16
#define END  (32 * 1024)
#define SLOTS 1024
/* struct clock_read, at rsi */
#define CLOCK  (%rsi)
#define RESULT 4(%rsi)
#define ADDR   8(%rsi)
#define LOW    16(%rsi)
#define HIGH   20(%rsi)

#define RED_ZONE 128

	.macro	push reg
	pushq	%\reg
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \reg, 0
	.endm

	.macro	pop reg
	popq	%\reg
	.cfi_adjust_cfa_offset -8
	.cfi_restore \reg
	.endm

	.macro	count
	movq	RING(N), %rcx
	leaq	1(%rcx), %rcx
	movq	%rcx, RING(N)
	.endm

/* rdx: where to go on, which is told in rdi; rcx is saved or free. */
	.macro	enter
	leaq	-RED_ZONE(%rsp), %rsp
	.cfi_adjust_cfa_offset RED_ZONE
	pushq	%rdx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rip, 0
	push	rcx
	push	rdi
	push	rsi
	push	r11			/* a syscall instruction loses it */
	movq	%rdx, %rdi
	.endm

	.macro	leave
	pop	r11
	pop	rsi
	pop	rdi
	.endm

/* rcx: minus the number of slots that are left. */
	.macro	begin clock
	leaq	(,%rcx,8), %r11
	leaq	RING(END), %rsi
	leaq	(%rsi,%r11,4), %rsi
	leaq	1(%rcx), %rcx
	movq	%rcx, RING(LEFT)
	movl	$\clock, CLOCK
	movl	$0, RESULT
	movq	%rdi, ADDR
	movl	$TSC_READ_CALL, %eax
	.endm

	.macro	end
	movl	%eax, LOW
	movl	%edx, HIGH
	count				/* the read is whole */
	movl	LOW, %eax
	movl	HIGH, %edx
	.endm

	.macro	begin_traced
	movq	$1 - SLOTS, %rcx
	movq	%rcx, RING(LEFT)
	count
	.endm

	.macro	at place
	.org	\place - TSC_READ_OFFSET, 0x90
	.endm

	.macro	procedure name
	.type	\name, @function
\name:
	.cfi_startproc
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rdx
	enter
	movq	RING(LEFT), %rcx
	jrcxz	3f
	.endm

	.macro	go_on name
	ret	$RED_ZONE
	.cfi_endproc
	.size	\name, . - \name
	.endm

	.section .tsc_read, "ax", @progbits
	procedure tsc_read
	begin	TSC_READ_CLOCK
	at	TSC_READ_RDTSC + TSC_READ_SITE
	rdtsc
	end
	jmp	4f
3:	begin_traced
	at	TSC_READ_RDTSC + TSC_READ_TRACED
	.byte	0xcc, 0x31		/* rdtsc */
4:	leave
	pop	rcx
	go_on	tsc_read

	at	TSC_READ_RDTSCP
	procedure tscp_read
	begin	TSCP_READ_CLOCK
	at	TSC_READ_RDTSCP + TSC_READ_SITE
	rdtscp
	end
	movl	RING(AUX), %ecx
	jmp	4f
3:	begin_traced
	at	TSC_READ_RDTSCP + TSC_READ_TRACED
	.byte	0xcc, 0x01, 0xf9	/* rdtscp */
4:	leave
	leaq	8(%rsp), %rsp		/* rcx */
	.cfi_adjust_cfa_offset -8
	.cfi_restore rcx
	go_on	tscp_read
	.section .note.GNU-stack, "", @progbits

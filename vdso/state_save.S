/* Owns the code of state_save.h. An image of the state: Intel SDM volume 1, 13.4. */
#include "vdso/state_save.h"

#define BV     512 /* which components are saved */
#define COMP   520 /* which have their place in the image, if it is compacted */
#define MXCSR  24
#define MASK   28 /* written only with the xmm registers, and never read */
#define XMM    160
#define OTHERS 576

/* Sets of components. Bit 0, x87, the linker does not ask for. */
#define AVX    0x06
#define AVX512 0xe6

#define IMAGE_AT_CALL 0x48 /* the return address is above it */
#define PUSHED        32
#define LAST_OF_HEADER (IMAGE_AT_CALL + BV + 56)

	.macro	begin
	xorl	%edx, %edx
	movq	%rdx, LAST_OF_HEADER(%rsp)
	.endm

/* Components that the program has not been told of are left out, whatever the CPU has. */
	.macro	masked components, insn
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	andl	$\components, %eax
	\insn	IMAGE_AT_CALL + 8(%rsp)
	popq	%rax
	.cfi_adjust_cfa_offset -8
	.endm

	.macro	look
	.irp	reg, rax, rcx, rsi, rdi
	pushq	%\reg
	.cfi_adjust_cfa_offset 8
	.endr
	leaq	IMAGE_AT_CALL + PUSHED(%rsp), %rsi
	.endm

	.macro	end
	.irp	reg, rdi, rsi, rcx, rax
	popq	%\reg
	.cfi_adjust_cfa_offset -8
	.endr
	ret
	.endm

/* Component 1 is saved in any case: to leave it out would set MXCSR, too. */
	.macro	sse
	btsq	$1, BV(%rsi)
	jc	1f
	leaq	XMM(%rsi), %rdi
	movl	$32, %ecx
	xorl	%eax, %eax
	rep stosq
1:	stmxcsr	MXCSR(%rsi)
	movl	$0, MASK(%rsi)
	.endm

/* A saved component of nothing but zeros, its initial value, is left out. */
	.macro	drop_zeros bit, words
	movl	$\words, %ecx
	xorl	%eax, %eax
	repe scasq
	je	1f
	btsq	$\bit, BV(%rsi)
	leaq	(%rdi,%rcx,8), %rdi
1:
	.endm

/* rdi: the component's place, if it has one, and then the next one's. */
	.macro	component bit, words
	btl	$\bit, COMP(%rsi)
	jnc	3f
	btrq	$\bit, BV(%rsi)
	jc	2f
	movl	$\words, %ecx
	xorl	%eax, %eax
	rep stosq
	jmp	3f
2:	drop_zeros \bit, \words
3:
	.endm

	.section .state_save, "ax", @progbits
	.org	STATE_SAVE_XSAVEC - STATE_SAVE_OFFSET
	.type	state_save_xsavec, @function
state_save_xsavec:
	.cfi_startproc
	begin
	masked	AVX512, xsavec
	look
	sse
	leaq	OTHERS(%rsi), %rdi
	component 2, 32		/* the upper halves of ymm */
	component 5, 8		/* opmask */
	component 6, 64		/* the upper halves of zmm0-15 */
	component 7, 128	/* zmm16-31 */
	end
	.cfi_endproc
	.size state_save_xsavec, . - state_save_xsavec

/* What is left to do behind an XSAVE, which leaves nothing out, and packs nothing. */
	.macro	finish_xsave
	look
	sse
	leaq	OTHERS(%rsi), %rdi
	btrq	$2, BV(%rsi)
	jnc	4f
	drop_zeros 2, 32
4:	end
	.endm

/* Processors that have no XSAVEC have no later components, or hide it. */
	.org	STATE_SAVE_XSAVE - STATE_SAVE_OFFSET
	.type	state_save_xsave, @function
state_save_xsave:
	.cfi_startproc
	begin
	xsave	IMAGE_AT_CALL(%rsp)
	finish_xsave
	.cfi_endproc
	.size state_save_xsave, . - state_save_xsave

	.org	STATE_SAVE_AVX - STATE_SAVE_OFFSET
	.type	state_save_avx, @function
state_save_avx:
	.cfi_startproc
	begin
	movq	%rdx, IMAGE_AT_CALL + BV(%rsp)	/* which XSAVEC would have written */
	movq	%rdx, IMAGE_AT_CALL + COMP(%rsp)
	masked	AVX, xsave
	finish_xsave
	.cfi_endproc
	.size state_save_avx, . - state_save_avx
	.section .note.GNU-stack, "", @progbits

/* Code in the vDSO page that saves the state of the vector registers as the dynamic linker does,
 * so that the bytes saved depend on the registers alone.
 *
 * XSAVEC leaves out components that the processor takes for unused (Intel SDM volume 1, 13.6,
 * "Processor tracking of XSAVE-managed state"): whether registers that hold their initial values
 * are, differs from run to run. Here such components are saved as zeros and restored as unused. */
#ifndef REPRISE_VDSO_STATE_SAVE_H
#define REPRISE_VDSO_STATE_SAVE_H

#define STATE_SAVE_OFFSET 0xc00 /* in the page, of code of this size */
#define STATE_SAVE_SIZE   0x300

/* In place of `mov %rdx, 0x278(%rsp)` with rdx zero, and the instruction itself with its operand at
 * 0x40(%rsp). To be called with the mask in eax; gives back rdx zero, and all other registers. */
#define STATE_SAVE_XSAVEC 0xc00
#define STATE_SAVE_XSAVE  0xdc0
/* In place of either, for programs that were not told of AVX-512: it saves no more than AVX, by
 * XSAVE, which all CPUs with AVX have. (Both instructions know all components that the CPU has:
 * either would write past the room that the program has for those that it was told of, and XSAVEC
 * writes down which there are.) The mask of the XRSTOR that goes with it must be as small. */
#define STATE_SAVE_AVX 0xe40

#endif

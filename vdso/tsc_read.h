/* Code in the vDSO page that reads the time stamp counter and notes what it read in the ring, for
 * programs whose rdtsc does not trap. Instructions that are executed often are replaced by jumps
 * that lead there, with the address to go on at in rdx; rax is free. It changes nothing but what
 * the instruction changes: no flags, and nothing in the red zone.
 *
 * In a replay, in which the same code runs, the instruction in its midst (TSC_READ_SITE) is made a
 * syscall: it stops there, or is answered as other calls are, by a value in rax. */
#ifndef REPRISE_VDSO_TSC_READ_H
#define REPRISE_VDSO_TSC_READ_H

#define TSC_READ_OFFSET 0xa00 /* in the page, of code of this size */
#define TSC_READ_SIZE   0x200

/* Two of a kind: for rdtsc and for rdtscp. */
#define TSC_READ_RDTSC  0xa00
#define TSC_READ_RDTSCP 0xb00

/* From the beginning of each: the instruction that reads; and the int3 in place of one by which
 * each CLOCK_RING_SLOTS-th read stops, as for clocks. */
#define TSC_READ_SITE   0x4b
#define TSC_READ_TRACED 0x94

/* What a replay puts where that instruction is, and the two that store its result: syscall; mov
 * %rax, 16(%rsi); nop. */
#define TSC_READ_PATCH       9
#define TSC_READ_RDTSC_HAS   "\x0f\x31\x89\x46\x10\x89\x56\x14\x48"
#define TSC_READ_RDTSC_GETS  "\x0f\x05\x48\x89\x46\x10\x66\x90\x48"
#define TSC_READ_RDTSCP_HAS  "\x0f\x01\xf9\x89\x46\x10\x89\x56\x14"
#define TSC_READ_RDTSCP_GETS "\x0f\x05\x48\x89\x46\x10\x0f\x1f\x00"
/* The number of that call, which no kernel has. Its first argument is where the code goes on. */
#define TSC_READ_CALL 0x7473

/* What stands for a clock in the ring. */
#define TSC_READ_CLOCK  0x7fff0000
#define TSCP_READ_CLOCK 0x7fff0001

#endif

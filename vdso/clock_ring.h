/* Where the vDSO of recorded programs lies, and the ring in which it notes clock reads. Shared by
 * the code in the program and the recorder. */
#ifndef REPRISE_VDSO_CLOCK_RING_H
#define REPRISE_VDSO_CLOCK_RING_H

#include <stdint.h>

/* Next to the page of the replayer (replayer/zygote.h), where no kernel, allocator or sanitizer
 * puts anything. Fixed, because the recorder's filter knows calls by their address. */
#define VDSO_ADDR         0x2a0001000000ull
#define VDSO_SIZE         4096
#define CLOCK_SILENT_CALL (VDSO_ADDR + 0xf00)     /* the syscall instruction that is not traced */
#define CLOCK_SILENT_IP   (CLOCK_SILENT_CALL + 2) /* behind it: what the kernel tells */

#define CLOCK_RING_ADDR  (VDSO_ADDR + VDSO_SIZE)
#define CLOCK_RING_SLOTS 1024

struct clock_read {
    int32_t clock;     /* or that it is no clock: tsc_read.h */
    int32_t result;    /* 0 or -errno */
    uint64_t addr;     /* of the struct timespec; or where the program went on */
    int64_t sec, nsec; /* or the time stamp in sec */
};

struct clock_ring {
    uint64_t n;   /* reads so far; those whose number is a multiple of the slots were traced */
    int64_t left; /* minus the number of reads until one is traced; 0: the next one is */
    uint32_t aux; /* what rdtscp tells in ecx */
    uint32_t unused[3];
    struct clock_read reads[CLOCK_RING_SLOTS - 1]; /* read i is at i % CLOCK_RING_SLOTS - 1 */
};

#define CLOCK_RING_SIZE 32768
_Static_assert(sizeof(struct clock_ring) == CLOCK_RING_SIZE, "the ring fills its pages");

#endif

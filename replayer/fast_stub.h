/* Calls that a replayed task makes without a stop: what the code in the task (fast_stub.c) and the
 * replayer agree on.
 *
 * The replayer fills a queue, which all tasks have mapped, with the next calls of the one task that
 * runs. A call whose instruction was redirected (call_sites.c) comes to fast_stub_enter: if it
 * equals the first of the queue in number, place, arguments and every byte handed over, then the
 * stub writes what the kernel wrote, sets the result, and the program goes on. Whatever else comes
 * makes the call for real, which stops the task, and the replayer looks at it. */
#ifndef REPRISE_REPLAYER_FAST_STUB_H
#define REPRISE_REPLAYER_FAST_STUB_H

#include "task/stub_regs.h"

/* Where each replayed task has the pages of the replayer: far from where kernels and runtimes put
 * things. The first holds `syscall; int3`, by which it is made to run calls (zygote.c). */
#define STUB_ADDR 0x2a0000000000
#define STUB_PAGE 0x1000

#define FAST_CODE       0x2a0000001000
#define FAST_QUEUE      0x2a0000002000
#define FAST_QUEUE_SIZE 0x40000
#define FAST_FIRST_CALL 0x1000 /* offset of the first call in the queue */
#define STUB_END        (FAST_QUEUE + FAST_QUEUE_SIZE)

/* Offsets in the queue that the assembler has to know. */
#define FAST_SLOW_IP 24
#define FAST_REGS    (FAST_FIRST_CALL - STUB_REGS_SIZE)

/* Where the zygote receives descriptors (memory_files.c). */
#define FAST_MAIL      (FAST_QUEUE + 32)
#define FAST_MAIL_SIZE 128

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A program could scribble here, so the replayer believes nothing that it reads. */
struct fast_queue {
    uint64_t next, end; /* offsets of the next call, and behind the last one */
    uint64_t done;      /* calls answered */
    uint64_t slow_ip;   /* of the call that is made for real: behind its instruction */
    uint8_t mail[FAST_MAIL_SIZE];
    uint8_t stack[FAST_REGS - FAST_MAIL_SIZE - 32];
    struct stub_regs regs;
};
_Static_assert(offsetof(struct fast_queue, slow_ip) == FAST_SLOW_IP, "the stub stores it");
_Static_assert(offsetof(struct fast_queue, mail) == FAST_MAIL - FAST_QUEUE, "the zygote reads it");
_Static_assert(offsetof(struct fast_queue, regs) == FAST_REGS, "the stub pushes them");
_Static_assert(sizeof(struct fast_queue) == FAST_FIRST_CALL, "calls follow");

/* Followed by n_in, then n_out ranges. Sizes are multiples of 8. */
struct fast_call {
    uint32_t size; /* of all of it */
    int32_t nr;
    uint64_t ip;
    uint64_t args[6];
    uint32_t n_args, n_in, n_out, unused;
    int64_t result;
};
struct fast_range {
    uint64_t addr, len;
    uint8_t data[]; /* len bytes, padded to a multiple of 8 */
};
#define FAST_PADDED(len) (((uint64_t)(len) + 7) & ~(uint64_t)7)

/* Called by the code at fast_stub_enter. True: the call is answered; the registers and the queue
 * have changed. */
bool fast_stub_answer(struct stub_regs *regs, struct fast_queue *queue);

/* The code, to be copied to FAST_CODE, and places in it. */
extern const uint8_t __start_fast_stub[], __stop_fast_stub[];
extern const uint8_t fast_stub_enter[]; /* rcx: behind the program's syscall instruction */
extern const uint8_t fast_stub_bail[];  /* makes the call that was being answered for real */
extern const uint8_t fast_stub_slow[];  /* where a task stands that makes a call for real */

static inline uint64_t fast_stub_at(const uint8_t *place)
{
    return FAST_CODE + (uint64_t)(place - __start_fast_stub);
}

#endif
#endif

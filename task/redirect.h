/* Ways around a syscall instruction that move nothing, so that an instruction pointer that is saved
 * anywhere stays right.
 *
 * Where `mov $number, %eax` stands before the instruction, that becomes a jump. Else the two bytes
 * of the instruction become a short jump to fillers behind a ret or jmp nearby, and those a jump.
 * It leads to an entry in the unused end of the code's last page, and that to a stub, with rcx as
 * the instruction would leave it. All distances are within the code: what is planned for a file is
 * right wherever it is mapped. Knows code by offsets, and nothing of tasks.
 *
 * An instruction that reads the time stamp counter mostly stands in a loop, far from any fillers.
 * It and the instructions behind it, five bytes or more, may become a jump to an entry that ends
 * with those instructions: if no jump leads to them, and whoever has an address there is known. */
#ifndef REPRISE_TASK_REDIRECT_H
#define REPRISE_TASK_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDIRECT_CODE_MAX ((uint64_t)64 << 20)

struct redirect_code {
    /* Bytes as they are now, changes included. */
    bool (*read)(void *ctx, uint64_t offset, uint8_t *bytes, size_t len);
    void *ctx;
    uint64_t len; /* whole pages, REDIRECT_CODE_MAX at most */
};

/* Where entries go. */
struct redirect_room {
    uint64_t next, end;
    uint64_t hop; /* the way to the stub that all entries go; 0: not there yet */
};

/* mov $number, %eax; lea site(%rip), %rcx; jmp: 17. lea; jmp; moved instructions; jmp: 36. */
#define REDIRECT_BYTES 36
struct redirect_change {
    uint64_t offset;
    uint8_t len, bytes[REDIRECT_BYTES];
};

/* To be made in this order. */
#define REDIRECT_CHANGES 4
struct redirect_plan {
    size_t n;
    struct redirect_change v[REDIRECT_CHANGES];
};

/* An instruction that reads the time stamp counter, which leads to code that does so instead
 * (vdso/tsc_read.h). All processes have that code at one address. */
struct redirect_read {
    uint64_t offset;
    uint8_t len;
    uint64_t code;                   /* told in rdx where to go on */
    bool may_move;                   /* the instructions behind it */
    uint64_t function, function_end; /* around it; both 0: not known */
};

/* Finds the zeros between the end of the code and the end of its last page. */
bool redirect_find_room(const struct redirect_code *code, struct redirect_room *ret);

/* How the instruction that ends at `site`, which makes the call `nr`, comes to the stub instead.
 * Takes room. False: there is no way, or it is no syscall instruction. */
bool redirect_make_plan(const struct redirect_code *code, uint64_t site, int64_t nr, uint64_t stub,
                        struct redirect_room *room, struct redirect_plan *ret);

/* The same for an instruction that reads; the last change is at the instruction. *hop: the way to
 * the code that all entries go; 0: not there yet. *ret_moved: the new place of what stood behind
 * the instruction; 0: it is where it was. */
bool redirect_make_read_plan(const struct redirect_code *code, const struct redirect_read *read,
                             struct redirect_room *room, uint64_t *hop, struct redirect_plan *ret,
                             uint64_t *ret_moved);

#endif

/* Instructions of a program in whose place an int3 stands, or a jump, and what such jumps lead
 * through. By address. */
#ifndef REPRISE_RECORDER_REWRITES_H
#define REPRISE_RECORDER_REWRITES_H

#include "code/machine_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define REWRITE_INT3 0xcc
#define REWRITE_MAX  36

struct rewrite {
    uint64_t addr;
    struct machine_insn insn; /* MACHINE_NONE: no instruction of the program, but part of a way */
    uint8_t original[REWRITE_MAX]; /* the whole instruction, or what was there */
    uint8_t now[REWRITE_MAX];
    uint8_t n_now;       /* bytes that are changed */
    uint8_t hits;        /* of its int3, while they are counted */
    bool is_covered;     /* a debugger has written something else there, for now */
    bool is_interrupted; /* a handler was called between it and what is behind it */
    uint64_t moved;      /* part of a way: the new place of what stood behind the instruction ... */
    uint64_t of;         /* ... at this address */
};

/* Zeroed is empty. */
struct rewrites {
    struct rewrite *v;
    size_t n, cap;
};

void rewrites_done(struct rewrites *w);
void rewrites_copy(struct rewrites *to, const struct rewrites *from);

/* Puts an int3 in the place of the instruction at addr in a stopped task, if it is there still, and
 * notes it. False: it is not, or cannot be written. */
bool rewrites_make(struct rewrites *w, pid_t tid, uint64_t addr, const struct machine_insn *insn);
/* Notes one that stands there already. */
void rewrites_note(struct rewrites *w, const struct rewrite *there);
/* What stands at the address, be it an instruction or nothing of the program's, becomes these
 * bytes. False: it cannot be written. */
bool rewrites_put(struct rewrites *w, pid_t tid, uint64_t addr, const uint8_t *bytes, size_t len);
/* The instruction that begins at the address, with an int3, or NULL; good until the list changes.
 */
struct rewrite *rewrites_find(const struct rewrites *w, uint64_t addr);
/* The same, but the program may have written there: whether `rest`, the `len` bytes that are behind
 * its int3 now, are the instruction's still. Else the int3 is the program's own. */
bool rewrite_is_whole(const struct rewrite *r, const uint8_t *rest, size_t len);
/* Number of the first one at or behind the address: w->n if there is none. */
size_t rewrites_first(const struct rewrites *w, uint64_t addr);
/* Where the instruction begins that the address is within; else the address. */
uint64_t rewrites_begin(const struct rewrites *w, uint64_t addr);
/* Of the first one that changes a byte at or behind the address. */
size_t rewrites_first_in(const struct rewrites *w, uint64_t addr);
/* Whether it is an instruction in whose place a jump stands, or part of the way that it leads. */
bool rewrite_is_jump(const struct rewrite *at);
/* Jumps in [start, end) are int3 again, and the ways that they lead are as they were, but for what
 * somebody else has written to [kept_start, kept_end). Where instructions were moved to, they stay:
 * tasks may come there. Calls `changed` for each byte changed. */
void rewrites_stop_jumps(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end,
                         uint64_t kept_start, uint64_t kept_end,
                         void (*changed)(void *ctx, uint64_t addr, uint8_t byte), void *ctx);
/* Gives the program its instructions in [start, end) back, as far as it has not written there, and
 * forgets them. Calls `restored` for each. There are no jumps. */
void rewrites_unmake(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end,
                     void (*restored)(void *ctx, const struct rewrite *r), void *ctx);
/* Gives the program all of its instructions back, and forgets none. Ways stay as they are: tasks
 * may be on them. */
void rewrites_restore(const struct rewrites *w, pid_t tid);
/* Somebody else has written to [start, end): where the program's own bytes are there again an int3
 * comes back, the others are covered until then. There are no jumps. */
void rewrites_written(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end);
/* They are gone with their memory. */
void rewrites_forget(struct rewrites *w, uint64_t start, uint64_t end);
/* In bytes that were read at addr: puts what the program has there. */
void rewrites_undo(const struct rewrites *w, uint64_t addr, uint8_t *bytes, size_t len);

#endif

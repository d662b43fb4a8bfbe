/* Instructions of a program in whose place an int3 stands, by address. */
#ifndef REPRISE_RECORDER_REWRITES_H
#define REPRISE_RECORDER_REWRITES_H

#include "code/machine_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define REWRITE_INT3 0xcc

struct rewrite {
    uint64_t addr;
    struct machine_insn insn;
    uint8_t original[15]; /* the whole instruction */
    bool is_covered;      /* a debugger has written something else there, for now */
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
/* The one that begins at the address, or NULL; good until the list changes. */
const struct rewrite *rewrites_find(const struct rewrites *w, uint64_t addr);
/* The same, but the program may have written there: whether `rest`, the `len` bytes that are behind
 * its int3 now, are the instruction's still. Else the int3 is the program's own. */
bool rewrite_is_whole(const struct rewrite *r, const uint8_t *rest, size_t len);
/* Number of the first one at or behind the address: w->n if there is none. */
size_t rewrites_first(const struct rewrites *w, uint64_t addr);
/* Where the instruction begins that the address is within; else the address. */
uint64_t rewrites_begin(const struct rewrites *w, uint64_t addr);
/* Gives the program its instructions in [start, end) back, as far as it has not written there, and
 * forgets them. Calls `restored` for each. */
void rewrites_unmake(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end,
                     void (*restored)(void *ctx, const struct rewrite *r), void *ctx);
/* Gives the program all of its instructions back, and forgets none. */
void rewrites_restore(const struct rewrites *w, pid_t tid);
/* Somebody else has written to [start, end): where the program's own bytes are there again an int3
 * comes back, the others are covered until then. */
void rewrites_written(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end);
/* They are gone with their memory. */
void rewrites_forget(struct rewrites *w, uint64_t start, uint64_t end);
/* In bytes that were read at addr: puts what the program has there. */
void rewrites_undo(const struct rewrites *w, uint64_t addr, uint8_t *bytes, size_t len);

#endif

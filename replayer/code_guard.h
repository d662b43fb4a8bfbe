/* Code that the program could change while a check stands in it: in writable pages, or in pages
 * that are mapped at several places. While the guard is closed nobody can write there unnoticed,
 * and nobody but the task that executes the code sees the check. */
#ifndef REPRISE_REPLAYER_CODE_GUARD_H
#define REPRISE_REPLAYER_CODE_GUARD_H

#include "replayer/replay_state.h"
#include "task/maps.h"

#define GUARD_PAGES   2 /* that a landmark can touch */
#define GUARD_ALIASES 8

struct code_guard {
    uint64_t page, len; /* of the code; len 0: the guard is open */
    bool shared;        /* a private copy stands there, the pages themselves are at `stash` */
    uint64_t stash;
    struct guard_range {
        uint64_t addr, len;
        int prot; /* what it was */
    } closed[GUARD_ALIASES];
    size_t n_closed;
};

/* Closes the guard around [start, end), if there is anything to guard against; `stash` is the
 * address of GUARD_PAGES free pages. 1: the code may be patched; 0: it must not be; -errno. */
int code_guard_close(struct code_guard *g, struct replayer *r, struct rtask *t,
                     const struct maps *maps, uint64_t start, uint64_t end, uint64_t stash);
/* All is as it was before; what was written to the code is gone if it was shared. 0 or -errno. */
int code_guard_open(struct code_guard *g, struct replayer *r, struct rtask *t);

static inline bool code_guard_is_closed(const struct code_guard *g)
{
    return g->len > 0;
}
/* Whether a write to this address was stopped by the guard. */
bool code_guard_stops(const struct code_guard *g, uint64_t addr);

#endif

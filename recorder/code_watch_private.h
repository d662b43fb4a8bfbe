/* What is known of a program's code and done to it. For the files of code_watch.h, which are
 *
 *   code_watch.c      what memory calls mean for it
 *   code_hold.c       how it is held back
 *   code_fetch.c      how it is looked at and given back
 *   code_questions.c  who has written to it, or met what is there
 *   code_facts.c      what others ask about it
 *
 * and for hot_reads.c and hot_traps.c only. */
#ifndef REPRISE_RECORDER_CODE_WATCH_PRIVATE_H
#define REPRISE_RECORDER_CODE_WATCH_PRIVATE_H

#include "recorder/code_areas.h"
#include "recorder/emit.h"
#include "recorder/rewrites.h"

struct span {
    uint64_t start, end;
};

struct code_watch {
    struct code_areas areas;
    struct rewrites rewrites;
    bool never_holds;
    bool has_jumps;       /* once, at least: hot_reads.h */
    bool no_jumps;        /* no more */
    bool rewrites_reads;  /* of the time stamp counter, though they trap: hot_traps.h */
    unsigned n_traps;     /* of such reads */
    struct span *touched; /* by the call that a task is in */
    size_t n_touched;
    struct emit_list at_once; /* rewritten by this call, which could not be held back */
    /* At pages that were looked at before: where something was found, and nothing so far. */
    unsigned n_looks, n_vain_looks;
};

/* NULL: nothing is rewritten in this program. */
struct code_watch *code_watch_of(const struct recorder *r, struct task *t);
/* The range is looked at again, or held back, at the end of the call or at the next one. */
void code_watch_add_touched(struct code_watch *w, uint64_t start, uint64_t end);
/* Whether the fault is that of a fetch. */
bool code_watch_is_fetch(const siginfo_t *info, const struct user_regs_struct *regs);

/* A mapping of a file that nobody has written to is made anew as a whole, so that a replay can keep
 * it as a file. out: what is changed in it, which is taken. */
void code_watch_emit_remade(struct recorder *r, const struct code_area *area, struct emit_list *out,
                            struct emit_list *map);

/* A private mapping of a whole file's code, with nothing in it that is not known here. */
bool code_watch_is_whole(const struct task *t, const struct code_area *area);

#endif

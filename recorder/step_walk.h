/* Steps a task from where it happens to be stopped to a place that replay finds again cheaply. */
#ifndef REPRISE_RECORDER_STEP_WALK_H
#define REPRISE_RECORDER_STEP_WALK_H

#include "recorder/record_state.h"
#include "task/landmark.h"

#define WALK_WORDS 16
#define WALK_REGS  16
#define WALK_LANES 8

struct walk_word {
    uint64_t addr;
    uint64_t value; /* when first seen */
};

/* What was seen on the way. */
struct step_walk {
    struct user_regs_struct regs; /* where it stands */
    bool closed;                  /* it came round a loop, back to the place */
    bool unchanged;               /* and nothing was different then, as far as can be seen */
    unsigned n_steps;
    size_t n_words, n_changing, n_varying, n_lanes; /* n_changing: of the words, the first ones */
    struct walk_word words[WALK_WORDS]; /* that instructions on the way wrote; of those that changed
                                           the value differs from memory now */
    uint32_t lanes[WALK_LANES];         /* words of xstate that changed, see Preemption */
    uint32_t varying[WALK_REGS];        /* word numbers of registers that changed */
};

/* The task is stopped in user code. 1: it stands at the place, at the delivery stop of a signal
 * that is to be swallowed; 0: it met something else on the way, which has been dealt with, and it
 * runs or waits; the caller has nothing more to do with it. */
int step_walk_to_place(struct recorder *r, struct task *t, struct insn_decoder *decoder,
                       struct step_walk *ret);

#endif

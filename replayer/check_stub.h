/* The code that compares a task's registers with those of a preemption point inside the task.
 *
 * The instructions at the point's address are replaced by a jump to the stub, which executes them
 * in the end and jumps back. In between it compares, in two steps: first one value alone, which
 * changes most; if that is equal, all. It touches no stack. The flags stay as they are, unless the
 * program overwrites them anyway. Where all is equal it stops by int3 with the registers as they
 * were at the point's address. A plain loop around the point goes on beside the check. */
#ifndef REPRISE_REPLAYER_CHECK_STUB_H
#define REPRISE_REPLAYER_CHECK_STUB_H

#include "replayer/check_round.h"
#include "task/landmark.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#define CHECK_WORDS     16
#define CHECK_LANES     8
#define CHECK_CODE_SIZE 2560 /* bytes of code, at most */
#define CHECK_DATA_SIZE                                                                            \
    1024 /* bytes of data, on other pages than the code: the stub writes there */

struct check_word {
    uint64_t addr, value;
};

/* A part of a vector register: 8 bytes of xstate, numbered as in Preemption.lanes. */
struct check_lane {
    uint32_t number;
    uint64_t value;
};

/* What is looked at first. */
enum check_first { CHECK_ALL_AT_ONCE, CHECK_REG, CHECK_WORD, CHECK_LANE };

struct check_wish {
    uint64_t at;                         /* where the stub's code is going to lie */
    uint64_t data;                       /* and its data: near, a multiple of 64 */
    const struct landmark *landmark;     /* the instructions at the point */
    const uint8_t *code;                 /* their bytes */
    const struct check_round *round;     /* the loop around them, or NULL */
    bool flags_are_dead;                 /* see landmark.h: they are not compared, and destroyed */
    const struct user_regs_struct *want; /* the point's registers */
    enum check_first first;
    uint32_t first_reg;             /* CHECK_REG: its word number */
    const struct check_word *words; /* CHECK_WORD: the first one */
    size_t n_words;                 /* at most CHECK_WORDS */
    const struct check_lane *lanes; /* CHECK_LANE: the first one */
    size_t n_lanes;                 /* at most CHECK_LANES */
};

struct check_stub {
    uint8_t code[CHECK_CODE_SIZE];
    size_t code_len;
    uint8_t data[CHECK_DATA_SIZE];
    size_t data_len;
    uint64_t equal_ip;             /* rip at the stop that tells that all is equal */
    uint64_t moved[LANDMARK_JUMP]; /* where each of the instructions lies now */
    bool has_round;                /* the loop goes round in the stub, with a check of its own */
    uint64_t round_look;           /* where that check begins */
    uint64_t round[CHECK_ROUND];   /* where each instruction of the loop lies there */
    uint8_t jump[LANDMARK_JUMP];   /* for the point's address */
};

/* False: the instructions cannot be moved there, or the point is out of a jump's reach. */
bool check_stub_make(const struct check_wish *wish, struct check_stub *ret);

#endif

/* What each task of a run did, event by event, as keys that can be compared. */
#ifndef REPRISE_DIFF_SEQUENCE_H
#define REPRISE_DIFF_SEQUENCE_H

#include "base/err.h"
#include "diff/census.h"
#include "diff/field_rules.h"

#include <stdbool.h>
#include <stdint.h>

enum item_flag {
    ITEM_SYNCHRONISES = 1 << 0, /* a call that only waits for other tasks */
    ITEM_ERROR = 1 << 1,
    ITEM_RETRY = 1 << 2,  /* it was interrupted, or would have had to wait */
    ITEM_SIGNAL = 1 << 3, /* no act of the program */
    ITEM_EXIT = 1 << 4,
    ITEM_EXEC = 1 << 5,
    ITEM_WAITS = 1 << 6,   /* waits for other processes to end */
    ITEM_UNENDED = 1 << 7, /* a call that never came back */
    ITEM_DULL = 1 << 8,    /* what is ignored of it seldom matters */
    ITEM_CHILD = 1 << 9,   /* the signal that a child sends */
    ITEM_POLLS = 1 << 10,  /* waits for descriptors */
};

/* An event of a task. Hashes are as told in normal.h, cut. */
struct item {
    uint32_t object; /* with the number of the call */
    uint32_t call;
    uint32_t input;
    uint32_t call_literal, input_literal; /* with words as they are, see struct mixer */
    uint32_t values, names;               /* what was ignored: as it was */
    uint32_t number;                      /* of the event in the trace, from 1 */
    uint16_t kinds;                       /* bits of enum ignored: what was ignored */
    int16_t nr;                           /* of a call; else -1 */
    uint16_t flags;
};

struct sequence {
    struct item *v;
    uint32_t n, cap;
};

struct sequences {
    struct sequence *tasks; /* as in the census */
    size_t n;
    uint64_t n_items;
};

/* Reads the whole trace. `census` has its tokens. `strict`: bits of enum ignored. */
int sequences_read(struct trace_reader *trace, const struct census *census,
                   const struct field_rules *rules, uint16_t strict, struct sequences *ret,
                   struct err *err);
void sequences_done(struct sequences *s);

#endif

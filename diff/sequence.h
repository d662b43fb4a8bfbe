/* What each task of a run did, event by event, as keys that can be compared. */
#ifndef REPRISE_DIFF_SEQUENCE_H
#define REPRISE_DIFF_SEQUENCE_H

#include "base/err.h"
#include "diff/model.h"

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

/* The events of a task that are at hand. Those before were dropped, those after are not read yet.
 */
struct sequence {
    struct item *v;
    uint32_t n, cap;
    uint32_t from;        /* place of v[0] among all events of the task */
    uint32_t total;       /* how many the task has, dropped and unread ones included */
    uint32_t last_number; /* of the last event that was read; 0: none */
    int16_t last_nr;      /* of the same */
    bool ended;           /* the task's end was read */
    bool cut;             /* and it was the end of its process that ended it */
};

/* Of the events that are at hand the first n are needed no more. */
void sequence_drop(struct sequence *s, uint32_t n);

/* How many events are left, those at hand included: by the census, which a trace may belie. */
uint32_t sequence_left(const struct sequence *s);

struct sequence_reader {
    struct model model;
    uint16_t strict;
    struct sequence *tasks; /* as in the census */
    size_t n;
};

/* `census` has its tokens. `strict`: bits of enum ignored. What is given stays the caller's. */
int sequence_reader_open(struct trace_reader *trace, const struct census *census,
                         const struct field_rules *rules, uint16_t strict,
                         struct sequence_reader *ret, struct err *err);
void sequence_reader_done(struct sequence_reader *r);

/* Reads the next events, so many of all tasks together. 1: there may be more; 0: that was the end;
 * -errno. */
int sequence_reader_read(struct sequence_reader *r, size_t events, struct err *err);

#endif

/* Where one run differs from the reference, event by event. */
#ifndef REPRISE_DIFF_COMPARE_H
#define REPRISE_DIFF_COMPARE_H

#include "diff/ignored.h"
#include "diff/sequence.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run that takes part: the reference, or another one. */
struct side {
    const struct census *census;
    const struct sequences *sequences;
};

enum point_kind {
    POINT_INPUT = 0, /* the same call, and it was given something else; a signal */
    POINT_CALL,      /* other arguments, or other bytes handed over */
    POINT_MISSING,   /* only the reference did it */
    POINT_EXTRA,     /* only this run did it */
    POINT_IGNORED,   /* the same but for what is ignored */
};

struct point {
    uint64_t identity;     /* of what differs: the same in all runs that differ there */
    size_t task, ref_task; /* in the censuses; CENSUS_NONE: the run lacks it */
    uint32_t place;        /* in the reference's sequence; of an extra one: of what follows */
    uint32_t run_place;    /* in the run's; of a missing one: of what follows */
    uint32_t order;        /* of the event in the run, or of what follows there; 0: no such task */
    uint32_t ref_number, run_number; /* of the events in their traces; 0: none */
    uint32_t object;                 /* hash of what the event is about, as in struct item */
    uint16_t kinds;                  /* with POINT_IGNORED: bits of enum ignored */
    uint16_t flags;                  /* enum item_flag of the event */
    uint8_t kind;                    /* enum point_kind */
    bool weak;        /* only the order of tasks, and how they waited: says little by itself */
    bool noise;       /* set by explain(): passing runs differ there, too */
    uint16_t support; /* set by explain(): of the failing runs, those that differ there */
};

/* Events of two runs that belong together; kept of processes with several threads. */
struct partners {
    uint32_t ref_number, run_number;
    uint32_t task;    /* in the census of the run */
    uint32_t process; /* its first task */
};

struct comparison {
    struct point *points; /* by order in the run */
    size_t n, cap;
    struct partners *partners; /* by number in the run */
    size_t n_partners, cap_partners;
    uint64_t ignored[IGNORED_COUNT]; /* events that differ so */
    uint64_t same;                   /* events with a partner that did the same */
    uint64_t ref_items, items;
    size_t ref_alone, alone; /* tasks without a counterpart */
};

/* Compares a run with the reference; the tasks of both have their tokens. `strict`: bits of enum
 * ignored. -ENOMEM. */
int comparison_make(const struct side *reference, const struct side *run, uint16_t strict,
                    struct comparison *ret);
void comparison_done(struct comparison *c);

/* Whether the point is an act of the program, rather than something that it was given. */
static inline bool point_is_act(const struct point *p)
{
    return p->kind == POINT_CALL || ((p->kind == POINT_MISSING || p->kind == POINT_EXTRA) &&
                                     (p->flags & (ITEM_SIGNAL | ITEM_EXIT)) == 0);
}

/* Whether it is something that the program was given. */
static inline bool point_is_input(const struct point *p)
{
    return p->kind == POINT_INPUT || ((p->kind == POINT_MISSING || p->kind == POINT_EXTRA) &&
                                      (p->flags & (ITEM_SIGNAL | ITEM_EXIT)) != 0);
}

#endif

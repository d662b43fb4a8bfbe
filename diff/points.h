/* Where two runs differ, event by event. The list is bounded: of runs that differ everywhere the
 * first differences of each class are kept, and the rest is counted. */
#ifndef REPRISE_DIFF_POINTS_H
#define REPRISE_DIFF_POINTS_H

#include "diff/census.h"
#include "diff/ignored.h"
#include "diff/sequence.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum point_kind {
    POINT_INPUT = 0, /* the same call, and it was given something else; a signal */
    POINT_CALL,      /* other arguments, or other bytes handed over */
    POINT_MISSING,   /* only the reference did it */
    POINT_EXTRA,     /* only this run did it */
    POINT_IGNORED,   /* the same but for what is ignored */
};

struct point {
    size_t task, ref_task; /* in the censuses; CENSUS_NONE: the run lacks it */
    uint32_t place;        /* in the reference's sequence; of an extra one: of what follows */
    uint32_t run_place;    /* in the run's; of a missing one: of what follows */
    uint32_t order;        /* of the event in the run, or of what follows there; 0: no such task */
    uint32_t ref_number, run_number; /* of the events in their traces; 0: none */
    /* Of what follows in the run that lacks the event; of an input, of the signal that interrupted
     * it; 0: none. */
    uint32_t ref_other, run_other;
    uint32_t object, call, input; /* hashes of what the event is about, as in struct item */
    uint16_t kinds;               /* with POINT_IGNORED: bits of enum ignored */
    uint16_t flags;               /* enum item_flag of the event */
    uint16_t support; /* set by explain(): of the failing runs, those that differ there */
    uint8_t kind;     /* enum point_kind */
    bool weak : 1;    /* only the order of tasks, and how they waited: says little by itself */
    bool noise : 1;   /* set by explain(): passing runs differ there, too */
};

/* What points are kept of: so many of each. */
enum point_class {
    POINTS_FAINT = 0, /* ignored and weak ones */
    POINTS_GIVEN,
    POINTS_CHANGED,
    POINTS_MISSING,
    POINTS_EXTRA,
    POINTS_CLASSES,
};

/* Zeroed is an empty list. */
struct points {
    struct point *v;
    size_t n, cap;
    size_t kept[POINTS_CLASSES];
    uint64_t left_out; /* those not kept that are not faint */
};

/* -ENOMEM. */
int points_add(struct points *points, const struct point *p);
void points_done(struct points *points);

/* Marks as weak what is there in both runs of a task, at another place, and returns how many events
 * that are; -ENOMEM. */
long points_mark_moved(struct points *points);

/* By order in the run. */
void points_sort(struct points *points);

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

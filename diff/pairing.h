/* A task of one run and what is the same task of the other one: their events are compared as they
 * are read, and dropped. */
#ifndef REPRISE_DIFF_PAIRING_H
#define REPRISE_DIFF_PAIRING_H

#include "diff/compare.h"

struct pairing {
    struct comparison *c;
    struct sequence *a, *b; /* the reference's and the run's; of a task that one lacks: empty */
    size_t ref_task, task;  /* CENSUS_NONE: that run lacks it */
    uint16_t strict;
    bool is_thread; /* not the first of its process */
    bool is_root;   /* nothing of the recording started it */
    bool keep_partners;
};

/* Takes what is alike off the heads of both sequences; of a task that one lacks everything.
 * -ENOMEM. */
int pairing_follow(struct pairing *p);

/* How many events pairing_flush() could get rid of. */
uint32_t pairing_ready(const struct pairing *p);

/* Compares what is at hand as far as both are sure to be in step again, and gives up some of the
 * rest if that is little. */
int pairing_flush(struct pairing *p);

/* Compares all that is at hand, to be called when no more will come. */
int pairing_finish(struct pairing *p);

#endif

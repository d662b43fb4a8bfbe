/* What ways around instructions are made of. For redirect.c and redirect_read.c only. */
#ifndef REPRISE_TASK_REDIRECT_PARTS_H
#define REPRISE_TASK_REDIRECT_PARTS_H

#include "task/redirect.h"

#define REDIRECT_REACH  127 /* of a short jump */
#define REDIRECT_NEAR   2   /* bytes of one */
#define REDIRECT_JUMP   5   /* of one that reaches all of the code */
#define REDIRECT_FILLER 16  /* no more, so that what is behind it is aligned */

struct redirect_planner {
    const struct redirect_code *code;
    struct redirect_room room;
    struct redirect_plan *plan;
};

bool redirect_read_at(const struct redirect_planner *p, uint64_t offset, uint8_t *bytes,
                      size_t len);
/* Adds a change to the plan. */
void redirect_change(struct redirect_planner *p, uint64_t offset, const uint8_t *bytes, size_t len);
/* The four bytes of a distance within the code. */
void redirect_put_distance(uint8_t *at, uint64_t from, uint64_t to);
/* Adds one that takes room. False: there is no more. */
bool redirect_append(struct redirect_planner *p, const uint8_t *bytes, size_t len,
                     uint64_t *ret_offset);
/* Adds a jump of five bytes. */
void redirect_put_jump(struct redirect_planner *p, uint64_t at, uint64_t to);

/* Fillers from p on, up to the next place where something may begin. */
size_t redirect_filler_size(const uint8_t *p, size_t len, uint64_t offset);
/* Goes through the code behind the instruction that ends at `site`, so that it is sure where
 * instructions begin, to fillers that nothing runs into, not further than `reach`. An int3 that is
 * run into stands in place of another instruction: who knows where that ends. Fillers right behind
 * the site are run into, too, though others may take the jump there for an end. 0: there are none.
 */
uint64_t redirect_find_filler(const uint8_t *code, size_t len, uint64_t site, size_t reach);

#endif

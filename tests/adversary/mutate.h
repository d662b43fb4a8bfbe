/* Changes traces by what their fields mean. */
#ifndef REPRISE_TESTS_ADVERSARY_MUTATE_H
#define REPRISE_TESTS_ADVERSARY_MUTATE_H

#include "dice.h"
#include "specimen.h"

/* Changes fields of one event, which is copied. NULL: it would be too large. */
Reprise__Event *mutate_event(struct draft *d, struct dice *dice, const Reprise__Event *event);

/* Changes one thing or a few. `library`: specimens from which parts may be taken. */
void mutate(struct draft *d, struct dice *dice, const struct specimen *library, size_t n_library);

#endif

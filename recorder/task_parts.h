/* What tasks consist of. */
#ifndef REPRISE_RECORDER_TASK_PARTS_H
#define REPRISE_RECORDER_TASK_PARTS_H

#include "recorder/record_state.h"

/* It is in no list and no group: leaves its space and is gone. */
void task_free(struct task *t);

/* Address spaces are counted; a copy is that of a child with memory of its own. */
struct space *space_new(const struct recorder *r);
struct space *space_ref(struct space *s);
struct space *space_copy(const struct recorder *r, const struct space *s);
void space_unref(struct space *s);

#endif

/* A task's writable memory before a call, to find out afterwards what the kernel wrote. */
#ifndef REPRISE_RECORDER_SNAPSHOT_H
#define REPRISE_RECORDER_SNAPSHOT_H

#include "recorder/emit.h"

struct snapshot;
/* NULL when memory cannot be read. */
struct snapshot *snapshot_take(const struct task *t);
void snapshot_free(struct snapshot *s);
/* Appends what has changed since as ranges. */
void snapshot_diff(struct recorder *r, struct task *t, const struct snapshot *s,
                   struct emit_list *out);
/* Proves that all that has changed lies in the ranges of `out`. What does not is a fault of the
 * table: it is told to the user and appended. */
void snapshot_prove(struct recorder *r, struct task *t, const struct snapshot *s,
                    struct emit_list *out);

#endif

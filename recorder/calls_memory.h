/* Calls that shape the address space, or change what is mapped into it. */
#ifndef REPRISE_RECORDER_CALLS_MEMORY_H
#define REPRISE_RECORDER_CALLS_MEMORY_H

#include "recorder/emit.h"

/* At the entry stop: notes what the exit will need, and alters calls that cannot be repeated. */
void calls_memory_at_entry(struct recorder *r, struct task *t);
/* Tells the effects of the call as map operations and written ranges. */
void calls_memory_at_exit(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out);

#endif

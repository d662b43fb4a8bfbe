/* The dynamic linker saves the vector registers when a function is first called, in a way that
 * depends on when the task was switched (vdso/state_save.h). Left alone, a replay would find other
 * bytes on the stack now and then. */
#ifndef REPRISE_RECORDER_STATE_SAVES_H
#define REPRISE_RECORDER_STATE_SAVES_H

#include "recorder/emit.h"

/* The mapping is one of a fresh program: if it is the dynamic linker's code, makes it save the
 * registers by the code of our vDSO, and notes what changed as the mapping's content. */
void state_saves_steady(struct recorder *r, struct task *t, Reprise__Mapping *m);
/* Whether the instruction at the address restores what such code has saved. It is the linker's own,
 * and hot: it has to stay. */
bool state_saves_restore_at(const struct task *t, uint64_t addr);
/* The call that the task has entered does something to the mappings in a range: if they are the
 * vDSO's, the linker gets its instructions back. */
void state_saves_touch(struct recorder *r, struct task *t, uint64_t addr, uint64_t len);
/* Appends what was changed in [start, end) of the task's memory. */
void state_saves_emit(struct recorder *r, const struct task *t, uint64_t start, uint64_t end,
                      struct emit_list *content);
void state_saves_free(struct recorder *r);

#endif

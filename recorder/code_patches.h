/* Syscall instructions of recorded programs that lead to the stub (call_stub.h).
 *
 * Only code that is mapped privately from a file, and that cannot be written, is changed, where it
 * is mapped. It becomes what it was before anything is done to it. What is planned for a file
 * serves all processes that map it. */
#ifndef REPRISE_RECORDER_CODE_PATCHES_H
#define REPRISE_RECORDER_CODE_PATCHES_H

#include "format/trace.pb-c.h"
#include "recorder/call_stub.h"
#include "recorder/record_state.h"

/* Those of a copied address space, and the end of one. Both take NULL. */
struct code_patches *code_patches_copy(const struct code_patches *p);
void code_patches_free(struct code_patches *p);

/* The mapping was just made. Whatever is no code is passed over. */
void code_patches_add(struct recorder *r, struct task *t, const Reprise__Mapping *m);
/* A call came by a stop from the program's own instruction, which ends at `ip`: next time it shall
 * not, if that is worth it. */
void code_patches_hit(struct recorder *r, struct task *t, uint64_t ip, int64_t nr);
/* A range is about to be mapped, unmapped, protected ...: code there is as it was, for good. */
void code_patches_touch(struct task *t, uint64_t addr, uint64_t len);

/* Nothing leads to the stub any more. A task of the space that is on its way there still gets
 * there. */
void code_patches_drop(struct task *t);

/* The code mappings in which something is changed: at most `max`, which are all that there will be.
 * Returns how many. */
size_t code_patches_changed(const struct task *t, struct call_code *ret, size_t max);
/* Whether part of the range is such code. */
bool code_patches_change(const struct task *t, uint64_t addr, uint64_t len);

/* Whether something stands at ip that is not the program's, and leads to the stub. */
bool code_patches_are_at(const struct task *t, uint64_t ip);
/* The task stands on the way to the stub: takes it back to its own code, by *regs alone. */
bool code_patches_leave(const struct task *t, struct user_regs_struct *regs);
/* In bytes that were read from the task: puts what the program has there. */
void code_patches_undo(const struct task *t, uint64_t addr, uint8_t *bytes, size_t len);

#endif

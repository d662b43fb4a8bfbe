/* Changes that one recorded task makes to another from outside. */
#ifndef REPRISE_RECORDER_POKE_H
#define REPRISE_RECORDER_POKE_H

#include "recorder/emit.h"

/* Memory of the task was changed: logs what it holds now. */
void poke_memory(struct recorder *r, struct task *t, uint64_t addr, uint64_t len);
/* The kernel has written these ranges, which the task can no longer show. */
void poke_ranges(struct recorder *r, struct task *t, const struct emit_list *out);
/* The xstate of the task was set. */
void poke_xstate(struct recorder *r, struct task *t);
/* One debug register was set; index as in struct user. */
void poke_debug_reg(struct recorder *r, struct task *t, uint32_t index, uint64_t value);
/* Makes replay run the task to the syscall that it is stopped at, before other tasks go on. */
void poke_nothing(struct recorder *r, struct task *t);
/* The recorder has made these changes of the address space and then written these ranges, in a task
 * that is before a syscall instruction and has done nothing since its previous event that they
 * concern. */
void poke_map(struct recorder *r, struct task *t, const struct emit_list *map,
              const struct emit_list *out);
/* The same at any place that a replay finds, and registers have changed. */
void poke_remade(struct recorder *r, struct task *t, const struct emit_list *map,
                 const struct emit_list *out, const struct user_regs_struct *before,
                 const struct user_regs_struct *after);
/* The recorder has changed these ranges at the entry of a call, whose event follows. */
void poke_ranges_before_call(struct recorder *r, struct task *t, const struct emit_list *out);
/* The same for a syscall instruction before which the task is. */
void poke_before_call(struct recorder *r, struct task *t);

/* ---- for ptrace_regs.c ---- */

/* Replay must have run the task to where it is. False: it is past all that. */
bool poke_find_place(struct recorder *r, struct task *t, Reprise__Poke *p);
/* Puts the registers that differ into the event. */
void poke_changed_regs(struct recorder *r, const struct user_regs_struct *before,
                       const struct user_regs_struct *after, Reprise__Poke *p);
void poke_emit(struct recorder *r, struct task *t, Reprise__Poke *p);

#endif

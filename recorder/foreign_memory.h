/* Calls that change memory of other tasks. */
#ifndef REPRISE_RECORDER_FOREIGN_MEMORY_H
#define REPRISE_RECORDER_FOREIGN_MEMORY_H

#include "recorder/emit.h"

/* At the entry stop of a call that will write into memory of another group (process_vm_writev,
 * write to a file that is mapped there): the groups become one, so that the others are at
 * boundaries when it does. True, or false: the task waits for the token and enters again. */
bool foreign_memory_join_at_entry(struct recorder *r, struct task *t);
/* At the exit stop, with the token: true, or false if the call made the task share memory with
 * another group, which it has joined and whose token it now waits for. */
bool foreign_memory_join_at_exit(struct recorder *r, struct task *t);
/* Logs what the call wrote into the memory of other recorded tasks. */
void foreign_memory_poke(struct recorder *r, struct task *t);
/* What such a call wrote into the caller's own memory. */
void foreign_memory_add_own(struct recorder *r, struct task *t, struct emit_list *out);

/* Whose memory a descriptor of kind FD_PROC_MEM leads to; 0: not known. */
pid_t foreign_memory_owner(const struct task *t, uint64_t fd);

#endif

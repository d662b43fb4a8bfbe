/* Builds the event at hand: ranges, mappings and registers live until the event is written. */
#ifndef REPRISE_RECORDER_EMIT_H
#define REPRISE_RECORDER_EMIT_H

#include "recorder/record_state.h"

struct emit;
struct emit *emit_new(void);
void emit_free(struct emit *e);

/* Zeroed memory until the event is written. Never NULL: memory that runs out ends the process
 * (the recorder cannot tell a true story without it). */
void *emit_alloc(struct recorder *r, size_t size);

/* A list of message pointers that grows. */
struct emit_list {
    void **v;
    size_t n, cap;
};
void emit_push(struct recorder *r, struct emit_list *l, void *item);

/* A range with the bytes given; they must live until the event is written. Large ones become
 * blobs, zeros nothing. */
Reprise__Range *emit_bytes(struct recorder *r, uint64_t addr, const void *data, size_t len);
/* A range as the task's memory is now. NULL when none of it can be read. */
Reprise__Range *emit_memory(struct recorder *r, pid_t tid, uint64_t addr, uint64_t len);
/* All registers, as bytes of the event. */
ProtobufCBinaryData emit_regs(struct recorder *r, const struct user_regs_struct *regs);
ProtobufCBinaryData emit_copy(struct recorder *r, const void *data, size_t len);
/* The task's xstate as it is now. */
ProtobufCBinaryData emit_xstate(struct recorder *r, pid_t tid);
/* Registers that differ between two sets; of those that every call changes (rax, rcx, r11) only
 * if `all`. */
void emit_changed_regs(struct recorder *r, const struct user_regs_struct *before,
                       const struct user_regs_struct *after, bool all, Reprise__RegValue ***ret,
                       size_t *ret_n);

/* Writes the event of a task to its stream and frees what was built for it. The event's task and,
 * when it is 0, its time are filled in. */
void emit_event(struct recorder *r, struct task *t, Reprise__Event *event);

#endif

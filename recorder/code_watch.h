/* Instructions that tell of the machine are rewritten where they do not trap. They are looked for
 * when code is first executed, not when it is mapped: programs that only read code (translators,
 * debuggers) find what is in the file. So code that may hold such instructions is mapped without
 * permission to execute, until the fault of its first fetch. Code made at run time is looked at
 * page by page. The program's own image is executed in any case, and looked at at once.
 *
 * All of it is in the trace: what was held back and given back, and each rewritten instruction. */
#ifndef REPRISE_RECORDER_CODE_WATCH_H
#define REPRISE_RECORDER_CODE_WATCH_H

#include "recorder/call_stub.h"
#include "recorder/emit.h"
#include "recorder/rewrites.h"

struct code_watch *code_watch_copy(const struct code_watch *w);
void code_watch_free(struct code_watch *w);

/* ---- what memory calls do; at the exit stop of a call that has succeeded ---- */

/* A mapping was made, by a call or (in_image) by an exec. path: the file, if m has a blob. What is
 * done about it is appended to `map`, or to the content of m. */
void code_watch_mapped(struct recorder *r, struct task *t, Reprise__Mapping *m, const char *path,
                       struct emit_list *map, bool in_image);
void code_watch_protected(struct recorder *r, struct task *t, uint64_t addr, uint64_t len,
                          uint32_t prot, struct emit_list *map);
void code_watch_unmapped(struct task *t, uint64_t addr, uint64_t len);
void code_watch_moved(struct recorder *r, struct task *t, uint64_t addr, uint64_t len,
                      uint64_t new_addr, uint64_t new_len, struct emit_list *map);

/* At the entry of a call that does something to a range, or hands it over: its instructions are as
 * they were, until ... */
void code_watch_touch(struct recorder *r, struct task *t, uint64_t addr, uint64_t len);
/* ... its exit, after all of the above: what can still be executed is held back again, or rewritten
 * at once where that cannot be. */
void code_watch_settle(struct recorder *r, struct task *t, struct emit_list *map,
                       struct emit_list *out);

/* At the entry of mremap, which wants all of its range to be one mapping or fails: what is held
 * back there is as the program made it, until the call's exit. True: the call was undone for that,
 * and comes again. */
bool code_watch_lend(struct recorder *r, struct task *t);
/* At the entry of a call after which nothing can be given back any more: all is given back, and
 * nothing held any more. True: the call was undone for that, and comes again. */
bool code_watch_release(struct recorder *r, struct task *t);

/* ---- what the program meets ---- */

/* If the fault is that of a first fetch: looks at the code and lets the task go on. */
bool code_watch_take_fetch(struct recorder *r, struct task *t, const siginfo_t *info,
                           const struct user_regs_struct *regs);
/* The rewritten instruction whose int3 has raised this SIGTRAP, or NULL. */
const struct rewrite *code_watch_trapped(const struct task *t, const siginfo_t *info,
                                         const struct user_regs_struct *regs);
/* In bytes that were read from the task: puts what the program has there. */
void code_watch_undo(const struct task *t, uint64_t addr, uint8_t *bytes, size_t len);
/* The kernel or somebody else has written to the task's memory there: what is code is looked at
 * again, from the task's next call on ... */
void code_watch_written(struct recorder *r, struct task *t, uint64_t addr, uint64_t len);
/* ... or at once, where its debugger has, and keeps it stopped elsewhere than at a call's entry. */
void code_watch_poked(struct recorder *r, struct task *t);
/* Where the stretch ends that begins at the address and is held back, or (not *ret_held) is not. */
uint64_t code_watch_held_until(const struct task *t, uint64_t addr, bool *ret_held);
/* Whether something is rewritten in the range. */
bool code_watch_changes(const struct task *t, uint64_t addr, uint64_t len);
/* At most `max` ranges in which all rewritten instructions lie. Returns how many. */
size_t code_watch_spans(const struct task *t, struct call_code *ret, size_t max);

/* The task is stopped at a signal that it must not take, since the recorder has arranged it: puts
 * it before the instruction that was rewritten, or could not be fetched. False: it is the
 * program's. */
bool code_watch_step_back(struct task *t, const siginfo_t *info);
/* The recording ends before the task: its memory gets all back. It is stopped. Others of the same
 * memory that have met what was there may be taken back still. */
void code_watch_leave(struct task *t);

#endif

/* Code is held back: it keeps no permission to execute until somebody has looked at it. Where that
 * cannot be, it is looked at at once. For the files of code_watch.h and hot_traps.c only; the task
 * is stopped, and has a code_watch. */
#ifndef REPRISE_RECORDER_CODE_HOLD_H
#define REPRISE_RECORDER_CODE_HOLD_H

#include "recorder/code_watch_private.h"

/* Whether instructions of this kind are rewritten in this memory. */
bool code_hold_wants(const struct recorder *r, const struct code_watch *w,
                     enum machine_insn_kind kind);
/* Whether code of the program can be held back at all. */
bool code_hold_may(const struct task *t);
/* Makes it AREA_HELD, or rewrites it at once and makes it AREA_SEEN; what it was before makes no
 * difference. What becomes of its permission is appended to `map`, what is rewritten to at_once. */
void code_hold(struct recorder *r, struct task *t, struct code_area area, struct emit_list *map);
/* The pages of an area of a file where the file does not tell what is an instruction. */
void code_hold_doubts(struct recorder *r, struct task *t, const struct code_area *area,
                      struct emit_list *map);
/* Moves what was rewritten at once to the event of the call that made it necessary. */
void code_hold_take_at_once(struct recorder *r, struct code_watch *w, struct emit_list *out);

/* Gives the area this permission, which is no event yet ... 0 or -errno. */
int64_t code_hold_protect(struct task *t, const struct code_area *area, uint32_t prot);
/* ... and tells of it. */
void code_hold_tell_protection(struct recorder *r, const struct code_area *area, uint32_t prot,
                               struct emit_list *map);

/* Rewrites the instructions in an area that is AREA_SEEN: those that are known of its file; */
void code_hold_rewrite_known(struct recorder *r, struct task *t, const struct code_area *area,
                             struct emit_list *out);
/* those that are found in memory. ip: where an instruction begins; 0: not known. */
void code_hold_rewrite_found(struct recorder *r, struct task *t, const struct code_area *area,
                             uint64_t ip, struct emit_list *out);

#endif

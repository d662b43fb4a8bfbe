/* Signals of recorded tasks. */
#ifndef REPRISE_RECORDER_SIGNALS_H
#define REPRISE_RECORDER_SIGNALS_H

#include "recorder/record_state.h"

/* The task is at a signal-delivery stop. */
void signals_at_stop(struct recorder *r, struct task *t, int signo);
/* The task has the token again and takes the signal it is stopped at. */
void signals_take_due(struct recorder *r, struct task *t);
/* The task is at a syscall-entry stop and has held signals: takes the first one as if it had come
 * just before the syscall instruction. */
void signals_deliver_held_at_entry(struct recorder *r, struct task *t);
/* The task leaves a group stop: a signal may have come with SIGCONT. */
void signals_after_stop(struct task *t);
/* The task is at a boundary, at the delivery stop of any signal, which is swallowed, and has held
 * signals: takes the first one. */
void signals_deliver_held(struct recorder *r, struct task *t);

/* Logs that an instruction raised a signal that the task's own tracer has seen, and may swallow. */
void signals_log_fault(struct recorder *r, struct task *t, const siginfo_t *info,
                       const struct user_regs_struct *regs);
/* The task's own tracer wants it to take the signal at whose delivery stop it is; at_boundary:
 * replay finds the place. */
void signals_take(struct recorder *r, struct task *t, const siginfo_t *info, bool at_boundary);

/* Turns the entry stop into an exit stop of no call, with the registers as they were before the
 * syscall instruction. False if the task left that path (killed). */
bool signals_undo_entry(struct recorder *r, struct task *t, const struct user_regs_struct *entry);

#endif

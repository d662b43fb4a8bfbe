/* Delivery of signals to recorded tasks, which are stopped. */
#ifndef REPRISE_RECORDER_SIGNAL_DELIVERY_H
#define REPRISE_RECORDER_SIGNAL_DELIVERY_H

#include "recorder/record_state.h"

/* Lets the kernel build the handler's frame, and logs it: the signal is taken at instruction `ip`.
 */
void signals_deliver(struct recorder *r, struct task *t, const siginfo_t *info,
                     Reprise__Signal__At at, uint64_t ip);
/* The signal ends the process. fault: it was raised by the instruction at ip. */
void signals_die(struct recorder *r, struct task *t, const siginfo_t *info, bool fault,
                 uint64_t ip);
/* The task takes the signal at whose delivery stop it is, at a boundary. */
void signals_take_here(struct recorder *r, struct task *t, const siginfo_t *info);
/* Before the task takes the signal at whose delivery stop it is. True: another signal of its number
 * comes first, and stands in *info. */
bool signals_put_in_order(struct task *t, siginfo_t *info);
/* Logs that an instruction raised a signal that the task's own tracer has seen, and may swallow. */
void signals_log_fault(struct recorder *r, struct task *t, const siginfo_t *info,
                       const struct user_regs_struct *regs);
/* The task is at a boundary, at the delivery stop of any signal, which is swallowed, and has held
 * signals: takes the first one. */
void signals_deliver_held(struct recorder *r, struct task *t);
/* The task is at a syscall-entry stop and has held signals: takes the first one as if it had come
 * just before the syscall instruction. */
void signals_deliver_held_at_entry(struct recorder *r, struct task *t);
/* Turns the entry stop into an exit stop of no call, with the registers as they were before the
 * syscall instruction. False if the task left that path (killed). */
bool signals_undo_entry(struct recorder *r, struct task *t, const struct user_regs_struct *entry);

#endif

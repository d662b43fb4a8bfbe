/* The order of queued signals (signal(7), "Queueing and delivery semantics for real-time signals").
 */
#ifndef REPRISE_RECORDER_SIGNAL_ORDER_H
#define REPRISE_RECORDER_SIGNAL_ORDER_H

#include "recorder/record_state.h"

/* From here on signals are queued; below, one of a number is pending at most. The C library keeps
 * the first ones for itself, and SIGRTMIN is higher. */
#define SIGRTMIN_OF_KERNEL 32

/* A signal that the task was to take becomes pending again, behind those of its number that have
 * come since: the kernel knows no other place. What is held of that number has come later, too. */
void signal_order_put_back(struct task *t, const siginfo_t *info);
/* The task is about to take this signal, and more of its number are pending or not: exchanges it
 * for the one that comes first. True: that is another. Where none is pending that was put back, the
 * program has taken it by a call (sigtimedwait). */
bool signal_order_exchange(struct task *t, siginfo_t *info, bool more_are_pending);
void signal_order_done(struct task *t);

#endif

/* What becomes of a program's SIGSEGV and SIGTRAP when the kernel forces one on it that is none of
 * its business: a fault or an int3 that the recorder has arranged, the end of a single step. The
 * kernel forces such a signal also where it is blocked or ignored: it unblocks it, and takes the
 * handler away (kernel/signal.c, force_sig_info_to_task). The program must find both as they were.
 * What they were the kernel no longer tells by then: it is followed here. */
#ifndef REPRISE_RECORDER_FORCED_SIGNALS_H
#define REPRISE_RECORDER_FORCED_SIGNALS_H

#include "recorder/record_state.h"

/* Of tasks that share them (CLONE_SIGHAND). Never NULL. */
struct signal_actions *signal_actions_new(void);
struct signal_actions *signal_actions_ref(struct signal_actions *a);
struct signal_actions *signal_actions_copy(const struct signal_actions *a);
void signal_actions_unref(struct signal_actions *a);

/* A program was executed: handlers are gone, what was ignored still is (execve(2)). */
void forced_signals_at_exec(struct task *t);
/* A child was born with these clone flags; its actions are set. */
void forced_signals_at_birth(struct task *parent, struct task *child, uint64_t flags);
/* A call has succeeded. If it was rt_sigaction or rt_sigprocmask, `in` is the new action or set
 * that it was handed; len 0: none. */
void forced_signals_at_call(struct task *t, int64_t nr, const uint64_t *args, const uint8_t *in,
                            size_t len);
/* The task is stopped, and its mask may have become any other: it was taken from a signal frame, or
 * the kernel has added to it for a handler. */
void forced_signals_look(struct task *t);
/* Its handler was called. */
void forced_signals_at_delivery(struct task *t, int signo);

/* The task is stopped, and the kernel has forced `signo` on it on our account. */
void forced_signals_mend(struct task *t, int signo);
/* The task is stopped, and is to take this signal of a fault that only the recorder knows of: if it
 * blocks or ignores it, it has neither mask nor action for it any more, and dies of it. */
void forced_signals_force(struct task *t, int signo);
/* Whether mending would do anything: to know before. */
bool forced_signals_hurt(const struct task *t, int signo);

#endif

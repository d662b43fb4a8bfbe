/* What is known of the signals of a task. */
#ifndef REPRISE_RECORDER_SIGNAL_STATE_H
#define REPRISE_RECORDER_SIGNAL_STATE_H

#include "recorder/record_state.h"

enum disposition {
    DISPOSITION_HANDLER,
    DISPOSITION_IGNORED, /* or stops or continues the process: nothing that its memory shows */
    DISPOSITION_FATAL,
};

enum disposition signals_disposition(const struct task *t, int signo);
/* Whether a signal is pending that the task has not blocked. */
bool signals_are_pending(const struct task *t);
/* Whether this one is, blocked or not. */
bool signals_is_pending(const struct task *t, int signo);
/* Whether any is pending for the task alone, and not for all its process. */
bool signals_have_own_queue(const struct task *t);
/* Whether a SIGTRAP of the recorder's own leaves no trace in the task: it must not be ignored, nor
 * blocked and pending. */
bool signals_allow_traps(const struct task *t);
/* Whether a signal is caught or blocked, so that the task sees it. */
bool signals_matter(const struct task *t, int signo);
/* Whether it is ignored: by SIG_IGN, not by default. */
bool signals_are_ignored(const struct task *t, int signo);
bool signals_have_handler(const struct task *t, int signo);
bool signals_stop_by_default(int signo);
/* Whether a signal stops the task: it has no handler for it. */
bool signals_stops(const struct task *t, const siginfo_t *info);
/* Keeps a signal until the task's next boundary. */
void signals_hold(struct task *t, const siginfo_t *info);
/* The number of a signal of which none is pending or held. */
int signals_unused(const struct task *t);

#endif

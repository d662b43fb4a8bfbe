/* While a replay runs, waiting for a task returns some times a second, so that what it uses up is
 * looked at although it makes no stop. Other calls of the replayer's may return early, too: those
 * that do are made again. */
#ifndef REPRISE_REPLAYER_PULSE_H
#define REPRISE_REPLAYER_PULSE_H

#include "base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <time.h>

struct pulse {
    bool beats;
    timer_t timer;               /* interrupts waitpid(2) ... */
    struct sigaction old_action; /* ... by a signal, of which this was the action */
    sigset_t old_mask;
};

/* 0, or -errno noted in err. */
int pulse_begin(struct pulse *p, struct err *err);
void pulse_end(struct pulse *p);

#endif

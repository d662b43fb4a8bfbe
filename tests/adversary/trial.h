/* One replay of a trace in a process of its own, watched. */
#ifndef REPRISE_TESTS_ADVERSARY_TRIAL_H
#define REPRISE_TESTS_ADVERSARY_TRIAL_H

#include "task/machine.h"

#include <stdbool.h>
#include <stdint.h>

#define TRIAL_TEXT_MAX 2048

enum trial_end {
    TRIAL_REPLAYED,
    TRIAL_TORN,
    TRIAL_DIVERGED,
    TRIAL_DAMAGED,
    TRIAL_REFUSED, /* another error */
    TRIAL_BURNS,   /* the trace computes and computes: it was ended */
    TRIAL_FOUND,   /* what must not be */
    TRIAL_ENDS,
};

struct trial_result {
    enum trial_end end;
    char text[TRIAL_TEXT_MAX]; /* what the replayer said, or what was found */
    uint64_t bytes;            /* of memory, at most, if it ran long enough to be looked at */
};

/* Where the process that watches calls tells of them: in memory that is shared with it. */
struct trial_calls {
    uint64_t n;
    char what[256]; /* the last one */
};

struct trial_options {
    struct machine machine;
    const struct trial_calls *calls;
    int null_fd;
    unsigned limit_ms;   /* until it is looked at what takes so long */
    uint64_t memory_max; /* bytes */
    uint64_t tasks_max;
    bool keeps_to_its_calls; /* watch_calls_of_replayer() */
};

void trial_run(const struct trial_options *o, int trace_fd, struct trial_result *ret);

#endif

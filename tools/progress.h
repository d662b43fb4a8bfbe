/* The line on a terminal that tells how far a long replay is. */
#ifndef REPRISE_TOOLS_PROGRESS_H
#define REPRISE_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    uint64_t total_ns; /* recorded time at the end of the trace */
    uint64_t begun_ns; /* CLOCK_MONOTONIC, as is drawn_ns */
    uint64_t drawn_ns;
    bool enabled;
    bool visible;   /* the line stands on the terminal now */
    bool in_a_line; /* the program's output does not end with a newline: no place for us */
};

/* Enabled only where stderr is a terminal that takes escape sequences, and `wanted`. */
void progress_begin(struct progress *p, uint64_t total_ns, bool wanted);

/* Draws at most some times a second, and not in the first. As replayer_options.progress. */
void progress_step(void *p, uint64_t time_ns, uint64_t events);

/* Makes way for the program's output. As replayer_options.before_output. */
void progress_give_way(void *p, const void *data, size_t len);

/* Takes the line off the terminal. */
void progress_end(struct progress *p);

#endif

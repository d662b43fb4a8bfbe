/* The lines of `reprise dump`, in the form of strace. */
#ifndef REPRISE_TOOLS_DUMP_PRINT_H
#define REPRISE_TOOLS_DUMP_PRINT_H

#include "decode/call_text.h"
#include "tools/dump_filter.h"
#include "tools/dump_out.h"

#include <stdbool.h>

struct dump_options {
    struct call_text_style style;
    struct dump_filter filter;
    unsigned times;  /* how many -t */
    bool relative;   /* -r */
    bool durations;  /* -T */
    bool numbers;    /* -n: of the system calls */
    bool events;     /* numbers of the events */
    bool internal;   /* also what strace does not know: births, trapped instructions ... */
    bool pids;       /* on each line, as in a file */
    unsigned column; /* where results begin */
    bool json;
    size_t json_bytes; /* of each buffer */
};

struct dump_printer;

/* Keeps all it is given; they stay the caller's. -ENOMEM. */
int dump_printer_new(const struct dump_options *options, struct trace_walk *walk,
                     const struct fd_follow *fds, struct dump_out *out, struct dump_printer **ret);
void dump_printer_free(struct dump_printer *p);

/* What came before this event is known to the reader of the lines and not printed again. */
void dump_printer_skip(struct dump_printer *p, uint64_t number);

/* An event as trace_walk_open_by_start() gives it: first before the descriptors have taken it in,
 * then after. 0 or -ENOMEM. */
int dump_printer_before(struct dump_printer *p, const struct walk_event *ev);
int dump_printer_after(struct dump_printer *p, const struct walk_event *ev);
/* Calls that never ended. */
int dump_printer_end(struct dump_printer *p);

#endif

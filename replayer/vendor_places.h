/* Where a recorded program has code whose results differ between vendors' CPUs
 * (code/vendor_insn.h). Looked for when a trace is read, in the files that are in it: a recording
 * takes no time for it.
 *
 * What the CPU that the program was told of does not have is left out. */
#ifndef REPRISE_REPLAYER_VENDOR_PLACES_H
#define REPRISE_REPLAYER_VENDOR_PLACES_H

#include "code/vendor_code.h"
#include "format/trace_reader.h"
#include "replayer/code_spans.h"

struct vendor_file {
    char *name; /* as it was mapped first */
    uint64_t total;
    struct vendor_counts counts;
};

/* Zeroed is empty. */
struct vendor_places {
    struct vendor_file *files; /* those that have some, most first; n of them */
    size_t n;
    uint64_t total;
    struct vendor_counts counts; /* of all files */
    char *trouble; /* with files that could not be looked into, a line each; NULL: none */
};
void vendor_places_done(struct vendor_places *places);

/* Looks at the code, which is sorted by that, in a process of its own (confine/reader.h). What
 * cannot be read is left out. 0 or -ENOMEM. */
int vendor_places_look(struct code_spans *spans, struct trace_reader *trace,
                       struct vendor_places *ret);
/* The same with all code of the trace. */
int vendor_places_find(struct trace_reader *trace, struct vendor_places *ret);

/* "rcpps, fsin": those that were counted. */
#define VENDOR_NAMES_MAX 400
const char *vendor_names(const struct vendor_counts *counts, char buf[VENDOR_NAMES_MAX]);

#endif

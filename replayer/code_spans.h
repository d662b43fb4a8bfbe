/* The code of files that the programs of a trace had mapped to be executed. Whether it was, a trace
 * does not tell; and code that is made at run time is not in it: the program makes it again. */
#ifndef REPRISE_REPLAYER_CODE_SPANS_H
#define REPRISE_REPLAYER_CODE_SPANS_H

#include "base/map64.h"
#include "format/blob_id.h"
#include "format/trace_reader.h"

/* A stretch of a blob. */
struct code_span {
    struct blob_id id;
    uint64_t start, end; /* in the blob, of which the end may lie behind its last byte */
    uint64_t ahead;      /* bytes of the file before the blob's first one */
    char *name;          /* of the file, as it was mapped first */
};

/* Zeroed is empty. */
struct code_spans {
    struct code_span **v;
    size_t n, cap;
    struct map64 known;
};
void code_spans_done(struct code_spans *s);

/* Notes what the event maps; what is there already, not again. 0 or -ENOMEM. */
int code_spans_event(struct code_spans *s, const Reprise__Event *event);
/* All events of a trace, as far as it can be read. 0 or -ENOMEM. */
int code_spans_collect(struct code_spans *s, struct trace_reader *trace);

/* Puts those of one content side by side, by their starts. */
void code_spans_sort(struct code_spans *s);
/* How many are of the same content, from the i-th on. Sorted. */
size_t code_spans_same(const struct code_spans *s, size_t i);

#endif

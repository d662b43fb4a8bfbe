/* Single events of a trace in full: as text, with their bytes, and where in the code they were. */
#ifndef REPRISE_DIFF_MOMENT_H
#define REPRISE_DIFF_MOMENT_H

#include "base/err.h"
#include "diff/census.h"
#include "diff/field_rules.h"
#include "symbols/code_places.h"

#include <stdbool.h>
#include <stdint.h>

#define MOMENT_BYTES_MAX ((size_t)64 << 10) /* kept of each buffer */

/* A buffer of a call. */
struct moment_bytes {
    uint8_t *data; /* NULL: the trace does not have it */
    size_t len;    /* of data */
    uint64_t whole;
    bool is_text; /* a plain buffer or a string; else a struct */
};

enum moment_kind {
    MOMENT_CALL = 0,
    MOMENT_SIGNAL,
    MOMENT_EXEC,
    MOMENT_EXIT,
    MOMENT_TRAP,
    MOMENT_OTHER,
};

struct moment {
    uint32_t number; /* of the event in the trace; set by the caller */
    bool found;
    enum moment_kind kind;
    size_t task;   /* in the census */
    uint64_t time; /* ns since the recording began */
    int64_t nr;    /* of a call */
    bool done;     /* result is set */
    int64_t result;
    int errnum;      /* of a failed call: positive errno; else 0 */
    int signo;       /* of a signal, or of the exit by one */
    bool about_path; /* the call takes a path */
    char *text;      /* the event on one line, as strace shows it */
    char *object;    /* what it is about: path, descriptor, address; NULL: nothing */
    char *place;     /* where in the code; NULL: not known */
    struct moment_bytes *in, *out;
    size_t n_in, n_out;
};

/* Fills in `moments`, sorted by number. *ret_trouble: see code_places_trouble(), the caller's to
 * free; NULL: none. 0, or -errno with err. */
int moments_read(struct trace_reader *trace, const struct census *census,
                 const struct field_rules *rules, struct moment *moments, size_t n,
                 char **ret_trouble, struct err *err);
void moment_done(struct moment *m);

#endif

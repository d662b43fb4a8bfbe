/* A buffered output whose first failure sticks, so that writers need not look each time. */
#ifndef REPRISE_EXPORT_OUT_H
#define REPRISE_EXPORT_OUT_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

struct out {
    int fd; /* the caller's */
    struct buf b;
    int error; /* 0, or the -errno of the first failure: nothing is written from then on */
};

void out_bytes(struct out *o, const void *data, size_t len);
void out_str(struct out *o, const char *text);
void out_fmt(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A string of JSON with its quotes. Bytes that are not UTF-8 become the four characters \xNN. */
void out_json(struct out *o, const void *data, size_t len);
void out_json_str(struct out *o, const char *text);

/* Writes what is buffered. 0, or the -errno of the first failure. */
int out_flush(struct out *o);
void out_done(struct out *o);

#endif

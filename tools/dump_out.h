/* Where `reprise dump` writes: a stream that remembers why it failed first. */
#ifndef REPRISE_TOOLS_DUMP_OUT_H
#define REPRISE_TOOLS_DUMP_OUT_H

#include <stddef.h>
#include <stdio.h>

struct dump_out {
    FILE *file;
    int error; /* errno of the first failure; 0: none */
};

void dump_out_write(struct dump_out *out, const void *data, size_t len);
void dump_out_flush(struct dump_out *out);
/* Flushes, and closes what is not stdout. */
void dump_out_close(struct dump_out *out);

#endif

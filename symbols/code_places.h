/* What code addresses of a trace mean: module and offset, function, source line. The mapped files
 * are in the trace, so nothing of the host is needed; where debug information was split off, the
 * host's is taken if its build id is the same.
 *
 * The files may be of anybody's making: they are read in a process of its own, which is started at
 * the first question (symbol_reader.h). */
#ifndef REPRISE_SYMBOLS_CODE_PLACES_H
#define REPRISE_SYMBOLS_CODE_PLACES_H

#include "base/buf.h"
#include "format/trace_reader.h"

#include <stdint.h>

struct code_places;

/* The reader stays the caller's and must outlive it. 0 or -ENOMEM. */
int code_places_new(struct trace_reader *trace, struct code_places **ret);
void code_places_free(struct code_places *places);

/* A file that was mapped when the address was executed. */
struct code_module {
    const char *name;     /* its path */
    const uint8_t *blob;  /* name of its content, 16 bytes; NULL: not in the trace */
    uint64_t blob_offset; /* in the file, of the content's first byte */
};

/* Where a byte of the file is in the program: */
struct code_place {
    uint64_t offset;      /* as linked: what addr2line(1) and gdb take; in a file that is no ELF
                             file, or cannot be read: the offset in the file */
    char *function;       /* NULL: not known */
    uint64_t in_function; /* bytes from its start */
    char *file;           /* source file; NULL: not known */
    int line;
};
void code_place_done(struct code_place *place);

/* 0 or -ENOMEM; what cannot be found out is left out. `at` is an offset in the file. A return
 * address or that behind a system call belongs to the instruction before it: `after`. */
int code_places_find(struct code_places *places, const struct code_module *module, uint64_t at,
                     bool after, struct code_place *ret);

/* "libc.so.6+0x10e1f2 (write+0x12, write.c:26)". Appends; 0 or -ENOMEM. */
int code_place_text(const char *module, const struct code_place *place, struct buf *out);

/* What went wrong with files so far: a line for each, "symbols of FILE could not be read: why";
 * NULL: nothing. */
const char *code_places_trouble(const struct code_places *places);

/* Whether this program can find functions and lines at all. */
bool code_places_have_symbols(void);

#endif

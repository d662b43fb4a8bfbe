/* The address space of a process as the trace tells it: what lies at an address, by names that are
 * the same in every run. */
#ifndef REPRISE_DIFF_ADDR_SPACE_H
#define REPRISE_DIFF_ADDR_SPACE_H

#include "format/trace.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

enum addr_space_kind {
    SPACE_ANONYMOUS = 0,
    SPACE_FILE,
    SPACE_STACK, /* of the first thread */
    SPACE_HEAP,
};

struct addr_space_region {
    uint64_t start, end;
    uint64_t base;  /* address that would be offset 0 of the object; may lie outside, may wrap */
    uint64_t token; /* of the object */
    enum addr_space_kind kind;
    uint32_t file; /* place in what addr_space_files gives, plus 1; 0: none */
};

/* A mapped file, for finding symbols. */
struct addr_space_file {
    char *name; /* NUL-terminated */
    uint8_t blob[16];
    bool has_blob;
    uint64_t blob_offset; /* file offset of the blob's first byte */
};

/* Files are kept once for all spaces of a trace. Zeroed is empty. */
struct addr_space_files {
    struct addr_space_file *v;
    size_t n, cap;
};
void addr_space_files_done(struct addr_space_files *files);

struct addr_space;

/* One reference; 0 or -ENOMEM. */
int addr_space_new(struct addr_space_files *files, struct addr_space **ret);
struct addr_space *addr_space_ref(struct addr_space *s);
void addr_space_unref(struct addr_space *s);
/* As fork(2) copies it. */
int addr_space_copy(const struct addr_space *s, struct addr_space **ret);

/* What a new image holds. `hash_name` gives the token of a path. */
typedef uint64_t addr_space_hash(void *ctx, const void *name, size_t len);
int addr_space_load(struct addr_space *s, const Reprise__Image *image, addr_space_hash *hash_name,
                    void *ctx);

/* Takes in one change. `heap`: the call was brk(2). */
int addr_space_change(struct addr_space *s, const Reprise__MapOp *op, bool heap,
                      addr_space_hash *hash_name, void *ctx);

/* The first answer of brk(2) since exec: where the heap begins. */
void addr_space_note_brk(struct addr_space *s, uint64_t address);

/* NULL: nothing is mapped there. Valid until the next change. */
const struct addr_space_region *addr_space_find(const struct addr_space *s, uint64_t address);

/* A number for an address that is the same in every run; 0: nothing is mapped there. Of a mapped
 * file the place in it; of the heap, the stack and other memory only that it is that: what lies
 * where depends on the environment, on seeds of hash tables, and on chance. */
uint64_t addr_space_token(const struct addr_space *s, uint64_t address);

#endif

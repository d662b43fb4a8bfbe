/* Finds the instructions that tell of the machine in a piece of code, so that they can be replaced.
 * Only what is certain to be an instruction is found: the same bytes occur in constants, in
 * distances, and in data that lies among code, and replacing those would break the program. */
#ifndef REPRISE_CODE_CODE_FINDER_H
#define REPRISE_CODE_CODE_FINDER_H

#include "code/code_marks.h"
#include "code/machine_code.h"

/* The file that code is mapped from. `read` fills buf from offset on or returns false; what it
 * reads need not be an ELF file, and may be hostile. */
struct code_file {
    bool (*read)(void *ctx, uint64_t offset, void *buf, size_t len);
    void *ctx;
    uint64_t size;
};

/* What one file tells of its code: asked when the first doubt arises, and kept. */
struct code_finder;

/* *file is copied, its ctx must outlive the finder. 0 or -ENOMEM. */
int code_finder_new(const struct code_file *file, struct code_finder **ret);
void code_finder_free(struct code_finder *finder);

/* Code as it lies in memory: better a whole mapping than pages of it, since functions that begin
 * before it cannot be decoded. */
struct code_range {
    const uint8_t *bytes;
    size_t len;
    uint64_t file_offset; /* of bytes[0]; means nothing without a finder */
    /* Places in it where an instruction is known to begin, such as where it was about to be
     * executed; for code without a file, of which nothing else is known. May be NULL. */
    const uint64_t *entries;
    size_t n_entries;
    /* NULL; or what `bytes` points to, as room: then only the pages that decide are read there,
     * from the finder's file. `marks` are those of the file from marks_offset on, and cover the
     * range. */
    uint8_t *room;
    const struct code_marks *marks;
    uint64_t marks_offset;
};

/* Zeroed is empty. */
struct code_sites {
    struct machine_insn *v; /* by offset, from the range's first byte */
    size_t n, cap;
    size_t uncertain; /* that may be such instructions or not, and are not in the list ... */
    uint64_t *doubts; /* ... but here: offsets of their bytes */
    size_t doubts_cap;
};
void code_sites_done(struct code_sites *sites);

/* Appends what is found in the range, and counts what is uncertain. finder: of the file that the
 * range is mapped from; NULL for code made at run time. 0 or -ENOMEM, with what was found before
 * in the list. */
int code_find(struct code_finder *finder, const struct code_range *range, struct code_sites *sites);

#endif

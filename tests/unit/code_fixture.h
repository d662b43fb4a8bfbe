/* Files in memory, and the test program's own, for the tests of code/. */
#ifndef REPRISE_TESTS_CODE_FIXTURE_H
#define REPRISE_TESTS_CODE_FIXTURE_H

#include "code/code_finder.h"

struct image {
    uint8_t *bytes;
    size_t len;
    struct code_file file; /* reads it; good as long as the image stays where it is */
};

/* The content of a file; bytes NULL: it cannot be read. */
void image_open(const char *path, struct image *image);
void image_done(struct image *image);
/* The running program's; where in it the byte at `address` is. */
void image_open_own(struct image *image);
uint64_t image_own_offset(const void *address);

/* Finds in all executable segments of an ELF file that is not hostile. Offsets are of the file. */
void image_find(struct image *image, struct code_sites *sites);
/* The same with the headers of a file that may be hostile: all of `code` is taken for code. */
int image_find_in(struct image *image, uint64_t offset, uint64_t len, struct code_sites *sites);

/* The site at this offset, or NULL. */
const struct machine_insn *image_site(const struct code_sites *sites, uint64_t offset);

#endif

/* Places in a file where an instruction that tells of the machine may be, found while the file is
 * read for another purpose. Whoever looks at its code later needs only the bytes around them. */
#ifndef REPRISE_CODE_CODE_MARKS_H
#define REPRISE_CODE_CODE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed is empty. */
struct code_marks {
    uint64_t *v; /* offsets, ascending */
    size_t n, cap;
    uint64_t read;   /* bytes so far */
    uint8_t last[2]; /* of them */
};
void code_marks_done(struct code_marks *marks);

/* Takes the next piece, which begins at `marks->read`. 0 or -ENOMEM. */
int code_marks_read(struct code_marks *marks, const uint8_t *bytes, size_t len);

/* The number of the first one that is not before the offset. */
size_t code_marks_first(const struct code_marks *marks, uint64_t offset);

#endif
